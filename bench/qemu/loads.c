// SPDX-License-Identifier: Apache-2.0
/*
 * QEMU plugin: counts memory accesses of a chip's program that the real chip cannot do.
 *
 * Flash and IRAM give aligned 32-bit words only. A byte or half-word load from them is carried out
 * by port/lx106/trap.c, at about 100 instructions; a narrow store, or any access that is not
 * aligned, ends the program. QEMU does them all, so they are found here.
 *
 * The counters are a file, mapped, because QEMU is killed at the end: one 32-bit number for each
 * address a program can run from, separately for each kind. The interface of QEMU's plugins is
 * declared here: its header is in no package.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define INTERFACE_VERSION 1
#define NO_REGISTERS 0
#define READS_AND_WRITES 3
#define OPTION "out="

#define WORDS_ONLY_BASE 0x40100000u /* IRAM, then the flash window */
#define WORDS_ONLY_END 0x40300000u
#define RANGE (WORDS_ONLY_END - WORDS_ONLY_BASE)

enum kind { KIND_NARROW_LOAD, KIND_NARROW_STORE, KIND_UNALIGNED, KIND_COUNT };

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
typedef void tb_callback(uint64_t id, struct qemu_plugin_tb *tb);
typedef void mem_callback(unsigned vcpu, uint32_t access, uint64_t address, void *context);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, tb_callback *callback);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, mem_callback *callback,
                                      int registers, int accesses, void *context);
bool qemu_plugin_mem_is_store(uint32_t access);
unsigned qemu_plugin_mem_size_shift(uint32_t access);
int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv);

extern int qemu_plugin_version;
int qemu_plugin_version = INTERFACE_VERSION;

static uint32_t *counters; /* [KIND_COUNT][RANGE] */

static void loads_count(enum kind kind, uintptr_t counter)
{
    counters[(size_t)kind * RANGE + (counter - WORDS_ONLY_BASE)]++;
}

static void loads_access(unsigned vcpu, uint32_t access, uint64_t address, void *context)
{
    unsigned shift = qemu_plugin_mem_size_shift(access);

    (void)vcpu;
    if ((address & ((1u << shift) - 1)) != 0)
        loads_count(KIND_UNALIGNED, (uintptr_t)context);
    else if (shift < 2 && address >= WORDS_ONLY_BASE && address < WORDS_ONLY_END)
        loads_count(qemu_plugin_mem_is_store(access) ? KIND_NARROW_STORE : KIND_NARROW_LOAD,
                    (uintptr_t)context);
}

/* Instructions elsewhere are the ROM program's: the chip has another one. */
static void loads_translate(uint64_t id, struct qemu_plugin_tb *tb)
{
    size_t count = qemu_plugin_tb_n_insns(tb);

    (void)id;
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uintptr_t counter = (uintptr_t)qemu_plugin_insn_vaddr(insn);
        if (counter >= WORDS_ONLY_BASE && counter < WORDS_ONLY_END)
            qemu_plugin_register_vcpu_mem_cb(insn, loads_access, NO_REGISTERS, READS_AND_WRITES,
                                             (void *)counter);
    }
}

static bool loads_map(const char *path)
{
    size_t size = sizeof(uint32_t) * KIND_COUNT * RANGE;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

    if (fd < 0 || ftruncate(fd, (off_t)size) != 0)
        return false;
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    counters = map;
    return map != MAP_FAILED;
}

int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
    (void)info;
    if (argc != 1 || strncmp(argv[0], OPTION, strlen(OPTION)) != 0 ||
        !loads_map(argv[0] + strlen(OPTION)))
        return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, loads_translate);
    return 0;
}
