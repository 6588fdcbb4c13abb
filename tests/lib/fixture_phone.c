// SPDX-License-Identifier: Apache-2.0
/*
 * Phones of namespaces. A holder process keeps the namespaces of a phone alive; programs enter them
 * by nsenter. Its /etc/resolv.conf is a file of its own.
 */
#include "tests/lib/fixture_phone.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define RUN_TIMEOUT_MS 60000u
#define JOIN_TIMEOUT_MS 20000u
#define WORDS_SIZE 1024u
#define INTERFACE "wlan0"

static int phone_home_fd = -1; /* the network namespace of the test program */

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool is_done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        close(fd);
    return is_done;
}

/* Without root: a user namespace in which we are. */
static bool enter_as_user(void)
{
    unsigned uid = (unsigned)geteuid();
    unsigned gid = (unsigned)getegid();
    char map[64];

    if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0)
        return false;
    snprintf(map, sizeof(map), "0 %u 1", uid);
    if (!write_text("/proc/self/setgroups", "deny") || !write_text("/proc/self/uid_map", map))
        return false;
    snprintf(map, sizeof(map), "0 %u 1", gid);
    return write_text("/proc/self/gid_map", map);
}

static int run_line(const char *output, const char *line)
{
    char words[WORDS_SIZE];
    const char *arguments[FIXTURE_ARGUMENTS_MAX] = {NULL};
    size_t count = 0;
    char *next = words;

    snprintf(words, sizeof(words), "%s", line);
    while (next != NULL && count + 1 < FIXTURE_ARGUMENTS_MAX)
        arguments[count++] = strsep(&next, "|");
    return fixture_process_run(arguments, output, RUN_TIMEOUT_MS);
}

__attribute__((format(printf, 1, 2))) static void must_run(const char *format, ...)
{
    char line[WORDS_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (run_line("/dev/null", line) != 0)
        fail_msg("failed: %s", line);
}

/* ip and udhcpc are not on everybody's path. */
static void extend_path(void)
{
    const char *path = getenv("PATH");
    char text[WORDS_SIZE];

    snprintf(text, sizeof(text), "%s:/usr/sbin:/sbin", path != NULL ? path : "/usr/bin:/bin");
    assert_int_equal(setenv("PATH", text, 1), 0);
}

bool fixture_phone_enter(void)
{
    bool is_in = geteuid() == 0 ? unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 : enter_as_user();

    if (!is_in) {
        printf("no phones: a network namespace of its own is refused to this user (%s)\n",
               strerror(errno));
        return false;
    }
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return false;
    phone_home_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    extend_path();
    must_run("ip|link|set|lo|up");
    return phone_home_fd >= 0;
}

/* ---- one phone ---- */

_Noreturn static void phone_hold(const char *resolv_path, int ready_fd)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0 ||
        mount(resolv_path, "/etc/resolv.conf", NULL, MS_BIND, NULL) != 0)
        _exit(1);
    (void)!write(ready_fd, "r", 1);
    close(ready_fd);
    for (;;)
        pause();
}

static void phone_start_holder(struct fixture_phone *phone)
{
    char path[128];
    int ready[2];
    char byte;

    snprintf(path, sizeof(path), "%s/resolv.conf", phone->folder);
    fixture_write_file(path, "", 0);
    assert_int_equal(pipe(ready), 0);
    phone->holder = fork();
    if (phone->holder == 0)
        phone_hold(path, ready[1]);
    assert_true(phone->holder > 0);
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)phone->holder);
    phone->net_fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(phone->net_fd >= 0);
}

/* What the driver of a veth pair leaves undone, nobody does in the air: whole checksums, one
 * segment a frame. */
static void phone_do_everything(struct fixture_phone *phone)
{
    struct ethtool_value off = {.cmd = ETHTOOL_STXCSUM, .data = 0};
    struct ifreq request = {.ifr_data = (void *)&off};
    int fd = fixture_phone_socket(phone, AF_INET, SOCK_DGRAM, 0);

    snprintf(request.ifr_name, sizeof(request.ifr_name), INTERFACE);
    assert_int_equal(ioctl(fd, SIOCETHTOOL, &request), 0);
    close(fd);
}

/* The script udhcpc calls: a phone's own would do the same. */
static void phone_write_script(struct fixture_phone *phone)
{
    char path[128];
    char text[640];

    snprintf(path, sizeof(path), "%s/script", phone->folder);
    snprintf(text, sizeof(text),
             "#!/bin/sh\n"
             "case $1 in\n"
             "deconfig) ip address flush dev $interface ;;\n"
             "bound) ip address add $ip/$mask dev $interface\n"
             "    ip route add default via $router dev $interface\n"
             "    echo \"nameserver $dns\" >/etc/resolv.conf\n"
             "    echo $ip $subnet $router $dns $lease >%s/lease ;;\n"
             "esac\n",
             phone->folder);
    fixture_write_file(path, text, strlen(text));
    assert_int_equal(chmod(path, 0700), 0);
}

void fixture_phone_open(struct fixture_phone *phone, uint8_t number)
{
    memset(phone, 0, sizeof(*phone));
    phone->number = number;
    snprintf(phone->folder, sizeof(phone->folder), "/tmp/lcm-phone-XXXXXX");
    assert_non_null(mkdtemp(phone->folder));
    snprintf(phone->air, sizeof(phone->air), "air%u", (unsigned)number);
    phone_write_script(phone);
    phone_start_holder(phone);
    must_run("ip|link|add|%s|arp|off|type|veth|peer|name|" INTERFACE
             "|address|02:00:00:00:00:%02x|netns|%d",
             phone->air, (unsigned)number, (int)phone->holder);
    phone_do_everything(phone);
    assert_int_equal(fixture_phone_run(phone, "ip|link|set|lo|up"), 0);
    assert_int_equal(fixture_phone_run(phone, "ip|link|set|" INTERFACE "|up"), 0);
    must_run("ip|link|set|%s|up", phone->air);
}

static void phone_remove_file(const struct fixture_phone *phone, const char *name)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", phone->folder, name);
    unlink(path);
}

void fixture_phone_close(struct fixture_phone *phone)
{
    static const char *const files[] = {"resolv.conf", "script", "lease",     "bridge",
                                        "bridge.err",  "output", "output.err"};

    fixture_phone_leave(phone);
    if (phone->holder > 0) {
        must_run("ip|link|delete|%s", phone->air);
        kill(phone->holder, SIGKILL);
        (void)waitpid(phone->holder, NULL, 0);
        close(phone->net_fd);
    }
    phone->holder = 0;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        phone_remove_file(phone, files[i]);
    rmdir(phone->folder);
}

/* ---- its network ---- */

/* build/VARIANT/lcm is beside build/VARIANT/tests/tools. */
static void phone_bridge_path(char *path, size_t size)
{
    const char *lcm = fixture_lcm();
    const char *slash = strrchr(lcm, '/');

    snprintf(path, size, "%.*s/tests/tools/air_bridge", slash == NULL ? 1 : (int)(slash - lcm),
             slash == NULL ? "." : lcm);
}

static char *phone_bridge_output(const struct fixture_phone *phone, char path[128])
{
    snprintf(path, 128, "%s/bridge", phone->folder);
    return fixture_read_file(path, NULL);
}

const char *fixture_phone_join(struct fixture_phone *phone, const char *socket_path,
                               const char *ssid, const char *password)
{
    uint64_t end_ms = fixture_now_ms() + JOIN_TIMEOUT_MS;
    char program[FIXTURE_PATH_SIZE];
    char mac[13];
    char path[128];
    const char *arguments[] = {program, socket_path, phone->air, mac, ssid, password, NULL};

    phone_bridge_path(program, sizeof(program));
    snprintf(mac, sizeof(mac), "0200000000%02x", (unsigned)phone->number);
    snprintf(path, sizeof(path), "%s/bridge", phone->folder);
    fixture_phone_leave(phone);
    fixture_process_start(&phone->bridge, arguments, path);
    while (fixture_now_ms() < end_ms) {
        bool is_over = fixture_process_wait(&phone->bridge, 5);
        char *text = phone_bridge_output(phone, path);
        size_t length = strcspn(text, "\n");
        snprintf(phone->output, sizeof(phone->output), "%.*s", (int)length, text);
        free(text);
        if (length > 0)
            return phone->output;
        if (is_over)
            fail_msg("%s ended with %d", program, phone->bridge.exit_code);
    }
    fail_msg("the radio did not answer phone %u", (unsigned)phone->number);
    return NULL;
}

void fixture_phone_leave(struct fixture_phone *phone)
{
    fixture_process_stop(&phone->bridge, SIGKILL);
}

void fixture_phone_wait_lost(struct fixture_phone *phone)
{
    if (!fixture_process_wait(&phone->bridge, JOIN_TIMEOUT_MS))
        fail_msg("phone %u is still joined", (unsigned)phone->number);
    assert_int_equal(phone->bridge.exit_code, 0);
}

void fixture_phone_set_deaf(struct fixture_phone *phone, bool is_deaf)
{
    assert_int_equal(kill(phone->bridge.pid, is_deaf ? SIGSTOP : SIGCONT), 0);
}

void fixture_phone_attach(struct fixture_phone *phone)
{
    must_run("ip|link|set|%s|arp|on", phone->air);
    must_run("ip|address|add|192.168.4.1/24|dev|%s", phone->air);
    must_run("ip|route|replace|192.168.4.0/24|dev|%s|table|local", phone->air);
    must_run("ip|route|replace|local|default|dev|lo|table|local");
}

bool fixture_phone_lease(struct fixture_phone *phone)
{
    phone_remove_file(phone, "lease");
    int code = fixture_phone_run(
        phone, "udhcpc|-i|" INTERFACE "|-n|-q|-f|-t|4|-T|1|-A|1|-s|%s/script", phone->folder);
    if (code != 0)
        return false;
    const char *text = fixture_phone_lease_text(phone);
    snprintf(phone->address, sizeof(phone->address), "%.*s", (int)strcspn(text, " "), text);
    return true;
}

const char *fixture_phone_lease_text(struct fixture_phone *phone)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/lease", phone->folder);
    char *text = fixture_read_file(path, NULL);
    snprintf(phone->output, sizeof(phone->output), "%.*s", (int)strcspn(text, "\n"), text);
    free(text);
    return phone->output;
}

/* ---- its programs ---- */

int fixture_phone_run(struct fixture_phone *phone, const char *format, ...)
{
    char line[WORDS_SIZE];
    char path[128];
    va_list arguments;
    size_t size = 0;

    int length =
        snprintf(line, sizeof(line), "nsenter|--net=/proc/%d/ns/net|--mount=/proc/%d/ns/mnt|",
                 (int)phone->holder, (int)phone->holder);
    va_start(arguments, format);
    vsnprintf(line + length, sizeof(line) - (size_t)length, format, arguments);
    va_end(arguments);
    snprintf(path, sizeof(path), "%s/output", phone->folder);
    int code = run_line(path, line);
    char *text = fixture_read_file(path, &size);
    snprintf(phone->output, sizeof(phone->output), "%s", text);
    free(text);
    return code;
}

void fixture_phone_start(struct fixture_phone *phone, struct fixture_process *process,
                         const char *const *arguments, const char *output)
{
    char net[64], mount_text[64];
    const char *all[FIXTURE_ARGUMENTS_MAX] = {"nsenter", net, mount_text};

    snprintf(net, sizeof(net), "--net=/proc/%d/ns/net", (int)phone->holder);
    snprintf(mount_text, sizeof(mount_text), "--mount=/proc/%d/ns/mnt", (int)phone->holder);
    for (size_t i = 0; arguments[i] != NULL && i + 4 < FIXTURE_ARGUMENTS_MAX; i++)
        all[i + 3] = arguments[i];
    fixture_process_start(process, all, output);
}

int fixture_phone_socket(struct fixture_phone *phone, int domain, int type, int protocol)
{
    assert_int_equal(setns(phone->net_fd, CLONE_NEWNET), 0);
    int fd = socket(domain, type | SOCK_CLOEXEC, protocol);
    assert_int_equal(setns(phone_home_fd, CLONE_NEWNET), 0);
    assert_true(fd >= 0);
    return fd;
}
