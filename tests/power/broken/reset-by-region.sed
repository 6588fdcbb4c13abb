# core/update/modes.c
# A factory reset erases the active settings region first.
# scenario factory-reset
s/^    if (job->forgotten < 2)$/    if (job->forgotten >= 2)/
