"""What the analysis asks of working hours: of those that calendars and policies have now."""

# Whether a team was there, as ``_social_care_opening_hours`` says of calendars with fixed hours.
# The teams' hours are read once, as seconds of a fortnight that begins on a Monday.
OPEN = """EXISTS (
    WITH hours AS MATERIALIZED (
        SELECT l.account_id, c.tz,
               ARRAY(SELECT int4range(
                                (((w.week * 7 + d.dayofweek::int) * 24 + d.hour_from) * 3600)::int,
                                (((w.week * 7 + d.dayofweek::int) * 24
                                  + GREATEST(d.hour_from, d.hour_to)) * 3600)::int)
                       FROM resource_calendar_attendance d
                       JOIN generate_series(0, 1) w (week)
                         ON c.two_weeks_calendar IS NOT TRUE OR d.week_type = w.week::text
                      WHERE d.calendar_id = c.id AND d.display_type IS NULL
                        AND d.day_period != 'lunch') AS times,
               ARRAY(SELECT tsrange(o.date_from, GREATEST(o.date_from, o.date_to))
                       FROM resource_calendar_leaves o
                      WHERE o.resource_id IS NULL AND o.time_type = 'leave'
                        AND (o.calendar_id = c.id OR o.calendar_id IS NULL)
                        AND (o.company_id = COALESCE(h.company_id, l.company_id)
                             OR o.company_id IS NULL)) AS holidays
          FROM social_care_account_team l
          JOIN helpdesk_ticket_team h ON h.id = l.team_id AND h.active
          JOIN res_company co ON co.id = l.company_id
          JOIN resource_calendar c
            ON c.id = COALESCE(h.resource_calendar_id, co.resource_calendar_id)
    )
    SELECT 1
      FROM hours o, timezone(o.tz, timezone('UTC', m.posted_at)) AS at
     WHERE o.account_id = m.account_id
       AND (MOD(at::date - DATE '0001-01-01', 14) * 86400
            + EXTRACT(EPOCH FROM at::time)::int) <@ ANY (o.times)
       AND NOT m.posted_at <@ ANY (o.holidays))"""

# Ticket → hours until its first response as promised: ``_social_care_hours`` of its policy.
PROMISED = """SELECT r.ticket_id,
          MIN(l.days * COALESCE(c.hours_per_day, 0) + l.hours
              + COALESCE(l.social_minutes, 0) / 60.0) AS promised_hours
     FROM helpdesk_ticket_sla r
     JOIN helpdesk_sla l ON l.id = r.sla_id AND l.social_target = 'first_response'
     JOIN helpdesk_ticket k ON k.id = r.ticket_id
     LEFT JOIN helpdesk_ticket_team h ON h.id = k.team_id
     LEFT JOIN res_company co ON co.id = k.company_id
     LEFT JOIN resource_calendar c
       ON c.id = COALESCE(h.resource_calendar_id, co.resource_calendar_id)
    WHERE r.social_started_at IS NOT NULL AND r.state != 'cancelled'
 GROUP BY r.ticket_id"""
