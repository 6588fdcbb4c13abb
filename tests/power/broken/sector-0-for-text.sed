# core/update/boot_program.c
# Sector 0 is written for the sake of its version text.
# scenario rename-boot
s/sector, LCM_BOOT_VERSION_OFFSET);$/sector, LCM_SECTOR_SIZE);/
