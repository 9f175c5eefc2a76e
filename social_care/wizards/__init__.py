from . import social_care_decide
