from . import social_care_report
