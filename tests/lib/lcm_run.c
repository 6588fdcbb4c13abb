// SPDX-License-Identifier: Apache-2.0
/* Running lcm and the folder it runs in, see the header. */
#include "tests/lib/lcm_run.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "lcm/layout.h"
#include "tests/lib/elf_fixture.h"
#include "tests/lib/trust_fixture.h"

#define WORDS_MAX 64
#define LINE_SIZE 4096

#define START_TIMEOUT_MS 60000

static char lcm_path[PATH_MAX];
static pid_t lcm_background;
static int lcm_output;
static char workshop_path[] = "/tmp/lcm-tools-XXXXXX";

static const char *run_input = "/dev/null";

static void run_child(char **argv, size_t limit, int out, int err)
{
    struct rlimit file_size = {limit, limit};

    setsid(); /* no terminal: passwords cannot be asked for */
    dup2(open(run_input, O_RDONLY), STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    if (limit > 0)
        setrlimit(RLIMIT_FSIZE, &file_size);
    execv(argv[0], argv);
    _exit(127);
}

static void run_read(int descriptor, char *text)
{
    ssize_t size = pread(descriptor, text, LCM_RUN_TEXT_SIZE - 1, 0);

    text[size > 0 ? size : 0] = '\0';
    close(descriptor);
}

static void run_split(char **argv, char *line)
{
    int argc = 1;

    argv[0] = lcm_path;
    for (char *word = strtok(line, " "); word != NULL && argc < WORDS_MAX - 1;
         word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
}

static void run_line(struct lcm_run *run, size_t limit, char *line)
{
    char *argv[WORDS_MAX];
    int status = 0;
    FILE *out = tmpfile();
    FILE *err = tmpfile();
    pid_t child = 0;

    run_split(argv, line);
    child = fork();
    if (child == 0)
        run_child(argv, limit, fileno(out), fileno(err));
    assert_int_equal(waitpid(child, &status, 0), child);
    run->code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    run_read(dup(fileno(out)), run->out);
    run_read(dup(fileno(err)), run->err);
    fclose(out);
    fclose(err);
}

#define RUN_FORMAT(line, format) \
    do { \
        va_list list; \
        va_start(list, format); \
        vsnprintf(line, sizeof(line), format, list); \
        va_end(list); \
    } while (0)

void lcm_run(struct lcm_run *run, const char *format, ...)
{
    char line[LINE_SIZE];

    RUN_FORMAT(line, format);
    run_line(run, 0, line);
}

void lcm_run_limited(struct lcm_run *run, size_t file_size_max, const char *format, ...)
{
    char line[LINE_SIZE];

    RUN_FORMAT(line, format);
    run_line(run, file_size_max, line);
}

void lcm_run_from(struct lcm_run *run, const char *input, const char *format, ...)
{
    char line[LINE_SIZE];

    RUN_FORMAT(line, format);
    run_input = input;
    run_line(run, 0, line);
    run_input = "/dev/null";
}

void lcm_run_ok(struct lcm_run *run, const char *format, ...)
{
    char line[LINE_SIZE];
    char copy[LINE_SIZE];

    RUN_FORMAT(line, format);
    memcpy(copy, line, sizeof(copy));
    run_line(run, 0, line);
    if (run->code != 0)
        fail_msg("lcm %s: exit code %d: %s", copy, run->code, run->err);
}

void lcm_run_refused(int code, const char *hint, const char *format, ...)
{
    static struct lcm_run run;
    char line[LINE_SIZE];
    char copy[LINE_SIZE];
    char *end = NULL;

    RUN_FORMAT(line, format);
    memcpy(copy, line, sizeof(copy));
    run_line(&run, 0, line);
    end = strchr(run.err, '\n');
    if (run.code != code || strstr(run.err, hint) == NULL)
        fail_msg("lcm %s: wanted %d '%s', got %d '%s'", copy, code, hint, run.code, run.err);
    if (strncmp(run.err, "lcm: error: ", 12) != 0 || end == NULL || end[1] != '\0')
        fail_msg("lcm %s: not one error line: '%s'", copy, run.err);
}

void lcm_start(char *line, const char *format, ...)
{
    char words[LINE_SIZE];
    char *argv[WORDS_MAX];
    struct pollfd ready = {.events = POLLIN};
    int pipes[2];
    ssize_t size = 0;

    RUN_FORMAT(words, format);
    run_split(argv, words);
    assert_int_equal(pipe(pipes), 0);
    lcm_background = fork();
    if (lcm_background == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that dies leaves no server */
        run_child(argv, 0, pipes[1], STDERR_FILENO);
    }
    close(pipes[1]);
    ready.fd = pipes[0];
    assert_int_equal(poll(&ready, 1, START_TIMEOUT_MS), 1);
    size = read(pipes[0], line, LCM_RUN_TEXT_SIZE - 1);
    assert_true(size > 0);
    line[size] = '\0';
    lcm_output = pipes[0]; /* stays open: the server goes on writing; a full pipe is far away */
}

void lcm_stop(void)
{
    kill(lcm_background, SIGTERM);
    waitpid(lcm_background, NULL, 0);
    close(lcm_output);
    lcm_background = 0;
}

static void workshop_certificates(void)
{
    static const char *const kinds[] = {"P-256", "P-384", "RSA:2048", "P-256"};
    FILE *file = fopen("ca.pem", "w");

    for (int i = 0; i < 4; i++) {
        char subject[32];
        X509 *certificate = NULL;

        snprintf(subject, sizeof(subject), "Authority %d", i);
        /* the last one is an intermediate */
        certificate = fixture_certificate(kinds[i], subject, i == 3 ? "Authority 0" : subject);
        assert_int_equal(PEM_write_X509(file, certificate), 1);
        X509_free(certificate);
    }
    fclose(file);
}

static void workshop_images(struct lcm_run *run)
{
    static uint8_t elf[ELF_FIXTURE_SIZE_MAX];
    static const uint8_t ram[8] = {1, 2, 3, 4};
    static const char *const names[] = {"app0", "updater1", "plain0", "plain1"};
    const struct elf_fixture_section boot = {0x40100000, ram, sizeof(ram)};
    const struct lcm_identity updater = {.type = LCM_IDENTITY_UPDATER,
                                         .version = "1.0.0",
                                         .repository = "me/lifecycle",
                                         .file = "otamain.bin"};

    workshop_write("app0.elf", elf, elf_fixture_app(elf, LCM_SLOT0_ADDR, 9008, "1.2.0"));
    workshop_write("updater1.elf", elf, elf_fixture_image(elf, LCM_SLOT1_ADDR, 5008, &updater));
    workshop_write("plain0.elf", elf, elf_fixture_image(elf, LCM_SLOT0_ADDR, 9008, NULL));
    workshop_write("plain1.elf", elf, elf_fixture_image(elf, LCM_SLOT1_ADDR, 5008, NULL));
    workshop_write("boot.elf", elf, elf_fixture_build(elf, 0x40100000, &boot, 1));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        lcm_run_ok(run, "image build %s.elf -o %s.bin", names[i], names[i]);
    lcm_run_ok(run, "image build boot.elf -o boot.bin --format v1 --boot-version 1.0.0");
}

void workshop_open(void)
{
    static const char *const keys[] = {"owner", "owner2", "release", "app", "app2"};
    static struct lcm_run run;
    const char *path = getenv("LCM");

    unsetenv("LCM_KEY_PASSWORD");
    assert_non_null(realpath(path != NULL ? path : "build/host/lcm", lcm_path));
    assert_non_null(mkdtemp(workshop_path));
    assert_int_equal(chdir(workshop_path), 0);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        lcm_run_ok(&run, "key new %s.pem", keys[i]);
    workshop_certificates();
    workshop_images(&run);
}

const char *lcm_run_path(void)
{
    return lcm_path;
}

static int workshop_remove(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void workshop_close(void)
{
    assert_int_equal(chdir("/"), 0);
    nftw(workshop_path, workshop_remove, 16, FTW_DEPTH | FTW_PHYS);
}

size_t workshop_read(const char *name, uint8_t *bytes, size_t size_max)
{
    FILE *file = fopen(name, "rb");
    size_t size = 0;

    if (file == NULL)
        fail_msg("%s is missing", name);
    size = fread(bytes, 1, size_max, file);
    fclose(file);
    return size;
}

void workshop_write(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(name, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

bool workshop_exists(const char *name)
{
    return access(name, F_OK) == 0;
}

void workshop_damage(const char *name, size_t offset)
{
    FILE *file = fopen(name, "r+b");
    int byte = 0;

    assert_non_null(file);
    fseek(file, (long)offset, SEEK_SET);
    byte = fgetc(file);
    fseek(file, (long)offset, SEEK_SET);
    fputc(byte ^ 1, file);
    assert_int_equal(fclose(file), 0);
}

size_t workshop_count(const char *folder)
{
    DIR *entries = opendir(folder);
    size_t count = 0;

    assert_non_null(entries);
    while (readdir(entries) != NULL)
        count++;
    closedir(entries);
    return count - 2;
}
