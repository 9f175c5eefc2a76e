{
    "name": "Social Care: job queue",
    "summary": "Social Care's queues run as jobs of the OCA job queue, each account on its own",
    "version": "19.0.1.0.0",
    "development_status": "Beta",
    "category": "After-Sales",
    "author": "Social Care contributors",
    "license": "AGPL-3",
    "depends": ["social_care", "queue_job"],
    "data": ["data/queue_job_data.xml", "views/res_config_settings_views.xml"],
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}
