# boot/select.c
# A damaged program is not replaced by the one in the other slot.
# scenario repair-seen
s/^        err = select_find_slot(flash, &config, (uint8_t)(1 - slot), choice);$/        err = LCM_ERR_IMAGE;/
