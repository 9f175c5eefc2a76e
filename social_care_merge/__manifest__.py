{
    "name": "Social Care: merged tickets",
    "summary": "Merging tickets takes social messages, answers and promises along",
    "version": "19.0.1.0.0",
    "development_status": "Beta",
    "category": "After-Sales",
    "author": "Social Care contributors",
    "license": "AGPL-3",
    "depends": ["social_care", "helpdesk_mgmt_merge"],
    "auto_install": True,
}
