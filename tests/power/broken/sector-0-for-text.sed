# core/update/boot_program.c
# Sector 0 is written for the sake of its version text.
# scenario rename-boot
s/LCM_BOOT_VERSION_OFFSET) == LCM_OK)$/LCM_SECTOR_SIZE) == LCM_OK)/
