// SPDX-License-Identifier: Apache-2.0
/*
 * UART 0 and the ROM's printf. Bytes gather to a frame; rom_uart_flush sends it.
 *
 * Invariant: a line leaves at its end at the latest, and whatever gathered leaves before any other
 * frame.
 */
#include <stdarg.h>

#include "rom/rom.h"

#define UART_CLOCK_DIVIDER(uart) ROM_REGISTER(0x60000014 + 0xF00 * (uart))
#define UART_RESET_DIVIDER 694u /* 52 MHz / 74880 baud */
#define UART_GATHERED_MAX 128u
#define DIGITS_MAX 10u
#define WIDTH_MAX 32u

static uint8_t uart_gathered[UART_GATHERED_MAX];
static uint32_t uart_gathered_count;
static void (*uart_output)(char);

void rom_uart_flush(void)
{
    uint32_t count = uart_gathered_count;

    if (count == 0)
        return;
    uart_gathered_count = 0;
    rom_host_tell_bytes(LCM_WIRE_UART_OUT, 0, uart_gathered, count);
}

int rom_uart_tx(uint8_t byte)
{
    uart_gathered[uart_gathered_count++] = byte;
    if (byte == '\n' || uart_gathered_count == UART_GATHERED_MAX)
        rom_uart_flush();
    return 0;
}

int rom_uart_rx(uint8_t *byte)
{
    uint32_t answer = rom_host_ask(LCM_WIRE_UART_IN, 0, 0);

    if (answer == LCM_WIRE_FAILED)
        return 1;
    *byte = (uint8_t)answer;
    return 0;
}

void rom_uart_div_modify(uint32_t uart, uint32_t divider)
{
    UART_CLOCK_DIVIDER(uart & 1u) = divider;
}

static void uart_write_char(char character)
{
    if (character == '\n')
        rom_uart_tx('\r');
    if (character != '\r')
        rom_uart_tx((uint8_t)character);
}

void rom_install_putc1(void (*output)(char))
{
    uart_output = output;
}

void rom_uart_reset(void)
{
    rom_uart_flush();
    uart_output = uart_write_char;
    UART_CLOCK_DIVIDER(0) = UART_RESET_DIVIDER;
}

/* ---- printf ---- */

struct print_field {
    uint32_t width;
    char padding;
};

static void print_text(const char *text, uint32_t length, const struct print_field *field)
{
    for (uint32_t i = length; i < field->width; i++)
        uart_output(field->padding);
    for (uint32_t i = 0; i < length; i++)
        uart_output(text[i]);
}

static void print_number(uint32_t value, uint32_t base, bool is_negative,
                         const struct print_field *field)
{
    char text[DIGITS_MAX + 1];
    uint32_t at = sizeof(text);

    do {
        uint32_t digit = rom_umodsi3(value, base);

        text[--at] = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        value = rom_udivsi3(value, base);
    } while (value != 0);
    if (is_negative)
        text[--at] = '-';
    print_text(text + at, sizeof(text) - at, field);
}

static void print_signed(int32_t value, const struct print_field *field)
{
    uint32_t magnitude = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;

    print_number(magnitude, 10, value < 0, field);
}

/* "%08lx": zero padding, width, length; *format is left at the conversion. */
static struct print_field print_parse(const char **format)
{
    struct print_field field = {.width = 0, .padding = ' '};

    if (**format == '0')
        field.padding = '0';
    while (**format >= '0' && **format <= '9')
        field.width = field.width * 10 + (uint32_t)(*(*format)++ - '0');
    if (field.width > WIDTH_MAX)
        field.width = WIDTH_MAX;
    while (**format == 'l' || **format == 'h')
        (*format)++;
    return field;
}

static void print_conversion(char conversion, const struct print_field *field, va_list *arguments)
{
    const char *text;

    switch (conversion) {
    case 'd':
    case 'i':
        print_signed(va_arg(*arguments, int), field);
        break;
    case 'u':
        print_number(va_arg(*arguments, unsigned), 10, false, field);
        break;
    case 'x':
    case 'X':
    case 'p':
        print_number(va_arg(*arguments, unsigned), 16, false, field);
        break;
    case 'c':
        uart_output((char)va_arg(*arguments, int));
        break;
    case 's':
        text = va_arg(*arguments, const char *);
        print_text(text, (uint32_t)rom_strlen(text), field);
        break;
    default:
        uart_output(conversion);
        break;
    }
}

int rom_printf(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    for (; *format != '\0'; format++) {
        if (*format != '%') {
            uart_output(*format);
            continue;
        }
        format++;
        struct print_field field = print_parse(&format);
        if (*format == '\0')
            break;
        print_conversion(*format, &field, &arguments);
    }
    va_end(arguments);
    return 0;
}
