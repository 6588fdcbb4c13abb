// SPDX-License-Identifier: Apache-2.0
/*
 * Program that tries the ROM: arithmetic the processor does not have against results the compiler
 * computed, memory functions at every alignment, flash, peripherals. Prints "rom: right" at the end
 * or the number of the first check that failed; then it sends back what it gets.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lcm/lcm_app.h"
#include "port/lx106/rom.h"

#define DATA_ADDR 0x8C000u /* the sector where apps keep data */
#define DATA_WORDS 160u    /* more than one page of the flash chip */
#define WINDOW ((const volatile uint32_t *)(0x40200000u + DATA_ADDR))
#define RANDOM_WORD (*(const volatile uint32_t *)0x3FF20E44)
#define MAC_WORDS ((const volatile uint32_t *)0x3FF00050)
#define CHIP_WORD (*(const volatile uint32_t *)0x40001000)

LCM_APP_IDENTITY("test/rom", "rom.bin", "1.0.0");

int uart_rx_one_char(uint8_t *byte);
int uart_tx_one_char(uint8_t byte);

static void check(int number, bool is_right)
{
    if (is_right)
        return;
    ets_printf("rom: check %d failed\n", number);
    for (;;)
        ets_delay_us(100000);
}

static void check_arithmetic(void)
{
    volatile uint64_t a = 0xFEDCBA9876543210u, b = 0x123456789ABCDEFu;
    volatile uint32_t c = 0xFFFFFFFFu, d = 0x80000001u, e = 10;
    volatile int32_t f = -1000003, g = 7;
    volatile int64_t h = -123456789012345, i = 1000;

    check(1, a * b == 0xFEDCBA9876543210u * 0x123456789ABCDEFu);
    check(2, (uint64_t)c * d == 0xFFFFFFFFull * 0x80000001ull);
    check(3, a / b == 0xFEDCBA9876543210u / 0x123456789ABCDEFu);
    check(4, a % b == 0xFEDCBA9876543210u % 0x123456789ABCDEFu);
    check(5, c / e == 0xFFFFFFFFu / 10 && c % e == 0xFFFFFFFFu % 10 && c / d == 1 && d / c == 0);
    check(6, f / g == -1000003 / 7 && f % g == -1000003 % 7);
    check(7, h / i == -123456789012345 / 1000);
}

static void check_memory(void)
{
    uint8_t from[32], to[32];

    for (uint32_t offset = 0; offset < 16; offset++) {
        for (uint32_t i = 0; i < sizeof(from); i++)
            from[i] = (uint8_t)(i + 1);
        memset(to, 0, sizeof(to));
        memcpy(to + offset % 4, from + offset / 4, 13);
        check(10, memcmp(to + offset % 4, from + offset / 4, 13) == 0 && to[offset % 4 + 13] == 0);
        memmove(from + offset % 4, from + offset / 4, 13);
        check(11, from[offset % 4] == offset / 4 + 1 && from[offset % 4 + 12] == offset / 4 + 13);
    }
    /* cppcheck-suppress staticStringCompare ; the ROM's memcmp is what is tested */
    check(12, memcmp("ab", "ac", 2) < 0 && memcmp("b", "a", 1) > 0);
}

static void check_flash(void)
{
    static uint32_t words[DATA_WORDS], back[DATA_WORDS];
    uint32_t clear = 0x0F0F0F0Fu;

    for (uint32_t i = 0; i < DATA_WORDS; i++)
        words[i] = 0x01010101u * i;
    check(20, SPIEraseSector(DATA_ADDR / 0x1000u) == 0 && WINDOW[0] == 0xFFFFFFFFu);
    check(21, SPIWrite(DATA_ADDR + 8, words, sizeof(words)) == 0);
    check(22, SPIRead(DATA_ADDR + 8, back, sizeof(back)) == 0);
    check(23, memcmp(words, back, sizeof(words)) == 0);
    for (uint32_t i = 0; i < DATA_WORDS; i++)
        check(24, WINDOW[i + 2] == words[i]);
    check(25, SPIWrite(DATA_ADDR + 8 + 4 * 0x81, &clear, 4) == 0);
    check(26, WINDOW[2 + 0x81] == (words[0x81] & clear));
    check(27, SPIRead(0x100000, back, 4) != 0 && SPIWrite(DATA_ADDR + 2, words, 4) != 0);
}

static void check_peripherals(void)
{
    uint32_t first = RANDOM_WORD, second = RANDOM_WORD;

    check(30, CHIP_WORD == 0xFFF0C101u);
    check(31, first != second);
    check(32, MAC_WORDS[0] == 0x01000000u && (MAC_WORDS[1] & 0xFFFFu) == 0);
    check(33, MAC_WORDS[3] == 0x5CCF7Fu);
}

static void echo(void)
{
    uint8_t byte;

    while (uart_rx_one_char(&byte) == 0)
        uart_tx_one_char(byte);
    ets_delay_us(10000);
}

int main(void)
{
    check_arithmetic();
    check_memory();
    check_flash();
    check_peripherals();
    ets_printf("rom: right, %d %u %08x|%5d|%s|%c|%%\n", -42, 42u, 0xABCDu, 7, "text", 'c');
    for (;;)
        echo();
}
