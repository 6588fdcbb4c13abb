/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Model of the life cycle and of the slot, trust and install protocols: a device with app 1 and
 * updater 1 is to get trust sector 2, updater 2 (through the installer in slot 0) and app 2, while
 * the power is cut, the network goes down, and a host sends bytes that nobody signed.
 *
 * What stands for what:
 *   sector[], mark[]   the slots: two sectors each, and the two bytes that make an image
 *                      (core/update/install.c; LCM_IMAGE_MARK_SIZE)
 *   FLASH_OP           one erase or program; a cut before, inside or after it
 *   install()          lcm_install_next / lcm_install_write: order of invalidation, sectors, mark
 *   fetch()            state_install.c: a sector arrives, good or bad, or the network is down
 *   request            RTC record of rBoot (core/store/rtc.c): lost with the power
 *   power_on, boot     boot/select.c
 *   run_app            an app that asks for updates (lcm_app.h)
 *   run_installer      otaboot, slot 0: STATE_SELF_INSTALL
 *   run_updater        otamain, slot 1: STATE_TRUST_*, STATE_SELF_*, STATE_INSTALLER_*, STATE_APP_*
 *   trust_state[]      byte 0 of the trust sectors (core/trust/trust_store.c)
 * Left out: boot program, settings and install state (tests/power has them), TLS, hold-off.
 *
 * Claims: whatever starts is one whole signed program (assert at boot); a program can always start;
 * a trust sector is always in force; once cuts are over and the network stays up, everything gets
 * installed. MUTANT=1..6 breaks one rule each; every mutant must fail.
 */
#ifndef MUTANT
#define MUTANT 0
#endif
#define CUTS 3
#define OUTAGES 2

#define NOTHING 0 /* erased, torn, or a mixture */
#define APP_1 1
#define APP_2 2
#define INSTALLER_2 3
#define UPDATER_1 4
#define UPDATER_2 5
#define UNSIGNED 6

#define BLANK 0 /* trust sector: no valid content */
#define PENDING 1
#define ACTIVE 2
#define RETIRED 3

byte sector[4];      /* slot 0: 0 and 1, slot 1: 2 and 3 */
bool mark[2];        /* the slot's first two bytes */
byte trust_state[2];
byte trust_version[2];
byte request = 2;    /* slot to start once; 2 = none */
byte cuts_left = CUTS;
bool net_up = true;
bool is_done = false;
byte got;            /* the sector that arrived */
bool is_cut = false; /* power fails in this operation */

#define PROGRAM(slot) (sector[2 * (slot)] == sector[2 * (slot) + 1] -> sector[2 * (slot)] : NOTHING)
#define IS_APP(slot) (mark[slot] && (PROGRAM(slot) == APP_1 || PROGRAM(slot) == APP_2))
#define TRUST_IN_FORCE \
    (trust_state[0] == ACTIVE || trust_state[1] == ACTIVE || trust_state[0] == PENDING || \
     trust_state[1] == PENDING)
#define HAS_TRUST_2 \
    ((trust_state[0] == ACTIVE && trust_version[0] == 2) || \
     (trust_state[1] == ACTIVE && trust_version[1] == 2))

/* One flash operation: old value stays, is torn, or is replaced; then the power may be gone. */
#define FLASH_OP(cell, torn, new) \
    atomic { \
        if \
        :: cell = new; is_cut = false \
        :: cuts_left > 0 -> cuts_left--; is_cut = true; \
            if \
            :: skip \
            :: cell = torn \
            :: cell = new \
            fi \
        fi; \
        assert(TRUST_IN_FORCE); \
        assert(mark[0] || mark[1]) \
    }; \
    if \
    :: is_cut -> goto power_off \
    :: else \
    fi

/* A sector of image comes, or anything else does; without a network the run gives up. */
#define FETCH(image) \
    atomic { \
        if \
        :: net_up -> \
            if \
            :: got = image \
            :: got = UNSIGNED \
            fi \
        :: !net_up -> got = NOTHING \
        fi \
    }

#define TAKE_SECTOR(slot, index, image) \
    if \
    :: sector[2 * (slot) + (index)] == image -> skip \
    :: else -> \
        FETCH(image); \
        if \
        :: got == NOTHING -> goto give_up \
        :: got != NOTHING && got != image && MUTANT != 4 -> goto give_up /* hash */ \
        :: else \
        fi; \
        if \
        :: mark[slot] && MUTANT != 1 -> FLASH_OP(mark[slot], mark[slot], false) \
        :: else \
        fi; \
        FLASH_OP(sector[2 * (slot) + (index)], NOTHING, NOTHING); \
        FLASH_OP(sector[2 * (slot) + (index)], NOTHING, got) \
    fi

#define INSTALL(slot, image) \
    if \
    :: MUTANT == 2 -> FLASH_OP(mark[slot], false, false); FLASH_OP(mark[slot], false, true) \
    :: else \
    fi; \
    TAKE_SECTOR(slot, 1, image); \
    TAKE_SECTOR(slot, 0, image); \
    if \
    :: !mark[slot] -> FLASH_OP(mark[slot], false, true) \
    :: else \
    fi

active proctype network()
{
    byte outages = 0;

    do
    :: outages < OUTAGES -> net_up = false; outages++; net_up = true
    :: break
    od
}

active proctype device()
{
    byte slot;
    byte standby;

    atomic {
        sector[0] = APP_1; sector[1] = APP_1; mark[0] = true;
        sector[2] = UPDATER_1; sector[3] = UPDATER_1; mark[1] = true;
        trust_state[0] = ACTIVE; trust_version[0] = 1
    }

power_off:
    request = 2; /* RTC memory is lost */
boot:
    atomic {
        slot = (request != 2 -> request : 0);
        request = 2;
        if
        :: !mark[slot] && MUTANT != 6 -> slot = 1 - slot
        :: else
        fi;
        assert(mark[slot]);               /* a program can always start */
        assert(PROGRAM(slot) != NOTHING); /* and it is whole */
        assert(PROGRAM(slot) != UNSIGNED)
    }
    if
    :: IS_APP(slot) && slot == 0 -> goto run_app
    :: PROGRAM(slot) == INSTALLER_2 -> goto run_installer
    :: else -> goto run_updater
    fi;

run_app:
    if
    :: PROGRAM(0) == APP_2 && PROGRAM(1) == UPDATER_2 && mark[1] && HAS_TRUST_2 -> goto finished
    :: else
    fi;
    if /* the product works; updates wait for the network */
    :: net_up -> request = 1; goto boot
    :: cuts_left > 0 -> cuts_left--; goto power_off
    fi;

run_installer:
    if
    :: MUTANT == 5 -> FLASH_OP(mark[0], mark[0], false) /* gives itself up too early */
    :: else
    fi;
    INSTALL(1, UPDATER_2);
    request = 1;
    goto boot;

run_updater:
    if
    :: HAS_TRUST_2 -> skip
    :: else ->
        FETCH(APP_2); /* stands for the sector of trust 2 */
        if
        :: got != APP_2 -> goto give_up
        :: else
        fi;
        standby = (trust_state[0] == ACTIVE -> 1 : 0);
        if
        :: MUTANT == 3 -> FLASH_OP(trust_state[1 - standby], RETIRED, RETIRED)
        :: else
        fi;
        FLASH_OP(trust_state[standby], BLANK, BLANK);
        trust_version[standby] = 2; /* its bytes count once it is complete */
        FLASH_OP(trust_state[standby], BLANK, PENDING);
        FLASH_OP(trust_state[standby], PENDING, ACTIVE);
    fi;
    /* both active: the higher sequence wins, the other one goes */
    standby = (trust_state[0] == ACTIVE && trust_version[0] == 2 -> 1 : 0);
    if
    :: trust_state[standby] == ACTIVE -> FLASH_OP(trust_state[standby], RETIRED, RETIRED)
    :: else
    fi;
    if
    :: PROGRAM(1) != UPDATER_2 ->
        if /* rehearsal: all of it must be there before the app goes */
        :: net_up -> skip
        :: else -> goto give_up
        fi;
        INSTALL(0, INSTALLER_2);
        request = 0;
        goto boot
    :: else
    fi;
    INSTALL(0, APP_2);
    request = 0;
    goto boot;

give_up:
    if
    :: IS_APP(0) -> request = 0; goto boot /* the app runs */
    :: else -> goto again /* hold off, try again */
    fi;
again:
    if
    :: slot == 0 -> goto run_installer
    :: else -> goto run_updater
    fi;

finished:
    is_done = true
}

/* Cuts end because cuts_left does. The network comes back again and again, and the host stops
 * lying: one that lies every time keeps a device where it is. */
ltl progress { ([]<> net_up && [] (got != UNSIGNED)) -> <> is_done }
