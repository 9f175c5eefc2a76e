def uninstall_hook(env):
    """Give the queues back to the scheduled actions, at once; no job is left without its method."""
    channel = env.ref("social_care_queue_job.channel_social_care")
    channels = channel | channel.search([("parent_id", "=", channel.id)])
    names = channels.mapped("complete_name")
    env["queue.job"].search([("channel", "in", names)]).button_cancelled()
    (channels - channel).unlink()
    for cron_xmlid in env["social.care.queue"]._get_job_queues():
        env.ref(cron_xmlid)._trigger()
