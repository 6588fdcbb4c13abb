# core/store/settings_rewrite.c
# The old region is given up before the new one is active.
# scenario change-network
s/^        err = lcm_settings_region_write_header(s->flash, 1 - index, true);$/        err = lcm_settings_region_wipe(s->flash, index);\n    if (err == LCM_OK)\n&/
