{
    "name": "Social Care: dashboard",
    "summary": "Response rates, promises, arrivals and backlog in Odoo's Dashboards",
    "version": "19.0.1.0.0",
    "development_status": "Beta",
    "category": "Productivity/Dashboard",
    "author": "Social Care contributors",
    "license": "AGPL-3",
    "depends": ["social_care", "spreadsheet_dashboard"],
    "data": ["data/dashboards.xml"],
    "assets": {"spreadsheet.o_spreadsheet": ["spreadsheet_dashboard_social_care/static/src/**/*"]},
    "auto_install": ["social_care", "spreadsheet_dashboard"],
}
