# core/update/state_app.c
# The app is recorded as installed before it is.
# scenario update-app
s/^enum lcm_state state_app_manifest_choose.*$/&/
s/^    return result == LCM_OK ? STATE_APP_REHEARSE : app_fail(lc, result);$/    if (result == LCM_OK)\n        result = lcm_settings_set(\&lc->settings, LCM_KEY_OTA_VERSION, lc->manifest.version);\n    if (result == LCM_OK)\n        result = lcm_record_tag_store(\&lc->state_log, LCM_STATE_TAG_APP, app_hash(lc), lc->app_tag, 0);\n&/
