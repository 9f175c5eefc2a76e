-- A copy of a database must neither read nor answer in the brand's name.
UPDATE social_care_account
   SET access_token = NULL,
       refresh_token = NULL,
       access_expires_at = NULL,
       token_expires_at = NULL,
       state = CASE WHEN state = 'draft' THEN 'draft' ELSE 'paused' END;
UPDATE social_care_app
   SET client_id = NULL,
       client_secret = NULL,
       signing_secret = NULL,
       verify_token = NULL,
       app_token = NULL,
       webhook_token = gen_random_uuid()::text;
DELETE FROM social_care_login;
