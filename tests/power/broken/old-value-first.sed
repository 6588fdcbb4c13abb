# core/store/settings.c
# The old value is killed before the new one is there.
# scenario write-settings
s/^    err = settings_append_pair(s, key, &match, value);$/    if (match.has_value)\n        (void)!settings_kill_values(s, \&match.value);\n&/
