# core/update/modes.c
# A factory reset erases the settings regions as they come.
# scenario factory-reset
s/^    uint32_t active = job->target.settings->region_addr;$/    uint32_t active = base + LCM_SECTOR_SIZE;/
