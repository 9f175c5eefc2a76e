from . import social_care_decide
from . import social_care_hide
