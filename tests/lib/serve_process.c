// SPDX-License-Identifier: Apache-2.0
/*
 * Starts and stops `lcm serve` for tests; see the header.
 *
 * Talks to it as a user does: command line, JSON log, control socket.
 */
#include "tests/lib/serve_process.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "server/control.h"
#include "server/serve.h"

#define START_MS 60000 /* first start makes an RSA-4096 key */
#define RUN_MS 10000
#define OPTIONS_MAX 24u
#define LOG_SIZE_MAX (4u << 20)

static void require(int ok, const char *what)
{
    if (ok)
        return;
    perror(what);
    abort();
}

void serve_process_init(struct serve_process *process)
{
    memset(process, 0, sizeof(*process));
    strcpy(process->folder, "/tmp/lcm-serve-XXXXXX");
    require(mkdtemp(process->folder) != NULL, "temporary folder");
    snprintf(process->root, sizeof(process->root), "%s/root", process->folder);
    snprintf(process->state, sizeof(process->state), "%s/state", process->folder);
    snprintf(process->log, sizeof(process->log), "%s/log", process->folder);
    require(mkdir(process->root, 0755) == 0, process->root);
}

static void folders_make(char *path, size_t from)
{
    for (char *slash = strchr(path + from, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
}

void serve_process_put(const struct serve_process *process, const char *path, const void *bytes,
                       size_t size)
{
    char full[2 * SERVE_PROCESS_PATH_SIZE];

    snprintf(full, sizeof(full), "%s/%s", process->root, path);
    folders_make(full, strlen(process->root) + 1);
    FILE *file = fopen(full, "w");
    require(file != NULL && fwrite(bytes, 1, size, file) == size && fclose(file) == 0, full);
}

static void child_run(const struct serve_process *process, const char *const *options)
{
    const char *arguments[OPTIONS_MAX] = {"lcm",     "serve",        process->root,
                                          "--state", process->state, "--json"};
    const struct cli_command *const commands[] = {&lcm_serve_command, NULL};
    const char *binary = getenv("LCM");
    size_t count = 6;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that is killed leaves no server behind */
    int log = open(process->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

    require(log >= 0 && dup2(log, STDOUT_FILENO) >= 0, process->log);
    while (options != NULL && *options != NULL && count + 1 < OPTIONS_MAX)
        arguments[count++] = *options++;
    /* execv and cli_main take char *const *: neither writes to the strings. */
    char *argv[OPTIONS_MAX];
    memcpy(argv, arguments, sizeof(argv));
    if (binary == NULL)
        exit(cli_main(commands, (int)count, argv));
    execv(binary, argv);
    require(0, binary);
}

static pid_t child_start(const struct serve_process *process, const char *const *options)
{
    fflush(NULL);
    pid_t pid = fork();

    require(pid >= 0, "fork");
    if (pid == 0)
        child_run(process, options);
    return pid;
}

/* The whole log as a string; the caller frees it. */
static char *log_read(const struct serve_process *process)
{
    char *text = calloc(1, LOG_SIZE_MAX);
    FILE *file = fopen(process->log, "r");

    require(text != NULL, "memory");
    if (file != NULL) {
        size_t size = fread(text, 1, LOG_SIZE_MAX - 1, file);
        text[size] = '\0';
        fclose(file);
    }
    return text;
}

static uint16_t port_read(const cJSON *start, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(start, name);

    return item != NULL ? (uint16_t)item->valueint : 0;
}

/* true once the start line is complete. */
static int start_line_read(struct serve_process *process)
{
    char *text = log_read(process);
    char *end = strchr(text, '\n');
    cJSON *start = end != NULL ? cJSON_Parse(text) : NULL;
    int found = start != NULL;

    if (found) {
        process->release_port = port_read(start, "release_port");
        process->asset_port = port_read(start, "asset_port");
        process->plain_port = port_read(start, "plain_port");
    }
    cJSON_Delete(start);
    free(text);
    return found;
}

void serve_process_start(struct serve_process *process)
{
    static const char *const options[] = {"--port", "0", "--plain-port", "0", NULL};
    const struct timespec pause = {.tv_nsec = 10000000};

    unlink(process->log);
    process->pid = child_start(process, options);
    for (int waited_ms = 0; waited_ms < START_MS; waited_ms += 10) {
        require(waitpid(process->pid, NULL, WNOHANG) == 0, "lcm serve ended at its start");
        if (start_line_read(process))
            return;
        nanosleep(&pause, NULL);
    }
    require(0, "lcm serve did not start in time");
}

int serve_process_run(const struct serve_process *process, const char *const *options)
{
    pid_t pid = child_start(process, options);
    const struct timespec pause = {.tv_nsec = 10000000};
    int status;

    for (int waited_ms = 0; waited_ms < RUN_MS; waited_ms += 10) {
        pid_t ended = waitpid(pid, &status, WNOHANG);
        require(ended >= 0, "waitpid");
        if (ended == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        nanosleep(&pause, NULL);
    }
    kill(pid, SIGKILL);
    require(waitpid(pid, &status, 0) == pid, "waitpid");
    return -1;
}

const char *serve_process_tell(const struct serve_process *process, const char *line)
{
    static char reply[SERVE_CONTROL_LINE_SIZE];

    require(serve_control_send(process->state, line, reply) == LCM_OK, "control socket");
    return reply;
}

unsigned serve_process_log_count(const struct serve_process *process, const char *text)
{
    char *log = log_read(process);
    unsigned count = 0;

    for (char *line = strtok(log, "\n"); line != NULL; line = strtok(NULL, "\n"))
        count += strstr(line, text) != NULL;
    free(log);
    return count;
}

int serve_process_stop(struct serve_process *process)
{
    int status;

    require(process->pid > 0 && kill(process->pid, SIGTERM) == 0, "SIGTERM");
    require(waitpid(process->pid, &status, 0) == process->pid, "waitpid");
    process->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int entry_remove(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

void serve_process_free(struct serve_process *process)
{
    if (process->pid > 0)
        serve_process_stop(process);
    nftw(process->folder, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
}
