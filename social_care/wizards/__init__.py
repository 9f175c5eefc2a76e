from . import social_care_check
from . import social_care_close
from . import social_care_connect
from . import social_care_decide
from . import social_care_hide
from . import social_care_quiet
from . import social_care_rule_try
from . import social_care_spoken
