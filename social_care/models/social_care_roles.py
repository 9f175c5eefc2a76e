"""Groups by their XML ids: the roles of social care."""

AGENT = "social_care.social_care_group_agent"
REVIEWER = "social_care.social_care_group_reviewer"
MANAGER = "social_care.social_care_group_manager"
