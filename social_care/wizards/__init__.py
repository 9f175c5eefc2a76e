from . import social_care_check
from . import social_care_connect
from . import social_care_decide
from . import social_care_hide
from . import social_care_solo
