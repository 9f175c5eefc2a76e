from . import social_care_queue  # first: the others use it
from . import social_care_queue_work
from . import ir_cron
from . import social_care_account
from . import social_care_delivery
from . import social_care_mention
from . import social_care_reply
from . import helpdesk_ticket_sla
from . import helpdesk_ticket_team
from . import res_config_settings
