// SPDX-License-Identifier: Apache-2.0
/* Requests that `lcm setup` makes by command line and in its dialog; see the header. */
#include "tools/setup_ask.h"

#include <time.h>

#include "host/cli.h"

#define SCAN_POLLS_MAX 20u
#define FINISH_PATIENCE_MS 1500u

struct setup_exit_rule {
    enum lcm_err err;
    enum cli_exit code;
};

/* Results of requests that are no plain error. */
static const struct setup_exit_rule setup_exits[] = {
    {LCM_ERR_ARGUMENT, CLI_USAGE},    {LCM_ERR_CONNECT, CLI_NOT_FOUND},
    {LCM_ERR_SIGNATURE, CLI_VERIFY},  {LCM_ERR_TIMEOUT, CLI_TIMEOUT},
    {LCM_ERR_CLOSED, CLI_TIMEOUT},    {LCM_ERR_FORMAT, CLI_NOT_FOUND},
    {LCM_ERR_HTTP_BUSY, CLI_TIMEOUT},
};

int setup_ask_fail(enum lcm_err err, const struct lcm_failure *failure)
{
    cli_error("%s", failure->text[0] != '\0' ? failure->text : lcm_err_text(err));
    for (size_t i = 0; i < sizeof(setup_exits) / sizeof(setup_exits[0]); i++) {
        if (setup_exits[i].err == err)
            return (int)setup_exits[i].code;
    }
    return CLI_ERROR;
}

static int setup_check_result(const struct setup_text *answer)
{
    switch (setup_text_number(answer, LCM_ITEM_RESULT, LCM_SETUP_MALFORMED)) {
    case LCM_SETUP_DONE:
        return CLI_OK;
    case LCM_SETUP_BUSY:
        cli_error("the device is busy with a trial: try again when it has ended");
        return CLI_ERROR;
    case LCM_SETUP_REFUSED:
        cli_error("the device refuses that");
        return CLI_VERIFY;
    default:
        cli_error("the device does not understand the request: is this lcm of its version?");
        return CLI_ERROR;
    }
}

/* Send a request that is made. */
static int setup_send(struct setup_client *client, const struct setup_text *request,
                      struct setup_text *answer)
{
    struct lcm_failure failure = {""};
    enum lcm_err err = setup_client_request(client, request, answer, NULL, &failure);

    return err == LCM_OK ? setup_check_result(answer) : setup_ask_fail(err, &failure);
}

int setup_ask(struct setup_client *client, enum lcm_setup_command command,
              struct setup_text *answer)
{
    struct setup_text request;

    setup_text_begin(&request, command);
    if (command == LCM_SETUP_FACTORY_RESET)
        setup_text_put(&request, LCM_ITEM_CONFIRMATION, LCM_SETUP_CONFIRMATION,
                       sizeof(LCM_SETUP_CONFIRMATION) - 1);
    return setup_send(client, &request, answer);
}

int setup_ask_scan(struct setup_client *client, bool again,
                   struct setup_network list[SETUP_NETWORKS_MAX], size_t *count)
{
    const struct timespec pause = {1, 0};
    struct setup_text request, answer;

    setup_text_begin(&request, LCM_SETUP_SCAN);
    if (again)
        setup_text_put_u8(&request, LCM_ITEM_RESCAN, 1);
    for (unsigned i = 0; i < SCAN_POLLS_MAX; i++) {
        int result = setup_send(client, &request, &answer);

        if (result != CLI_OK)
            return result;
        if (setup_text_number(&answer, LCM_ITEM_SCANNING, 0) == 0) {
            *count = setup_networks_read(&answer, list);
            return CLI_OK;
        }
        setup_text_begin(&request, LCM_SETUP_SCAN); /* the new scan goes on */
        nanosleep(&pause, NULL);
    }
    cli_error("the scan has not ended after %u s", SCAN_POLLS_MAX);
    return CLI_TIMEOUT;
}

void setup_ask_finish(struct setup_client *client)
{
    struct setup_text request, answer;
    struct lcm_failure failure;

    setup_text_begin(&request, LCM_SETUP_FINISH);
    setup_client_set_patience(client, FINISH_PATIENCE_MS);
    enum lcm_err err = setup_client_request(client, &request, &answer, NULL, &failure);
    (void)err; /* it leaves set-up by itself, a little later */
}
