from . import social_care_report
from . import social_care_report_outcomes
from . import social_care_report_time
from . import social_care_report_totals
