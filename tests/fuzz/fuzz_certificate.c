// SPDX-License-Identifier: Apache-2.0
/* Certificates: the DER walker that looks for notBefore, in one piece and byte by byte, and the
 * glue around BearSSL's X.509 engines, to which a chain comes as a peer sends it. */
#include "core/fetch/x509_dates.h"
#include "tests/fuzz/fuzz.h"

static void walk(struct lcm_not_before *walker, const uint8_t *data, size_t size, size_t piece)
{
    lcm_not_before_begin(walker);
    for (size_t i = 0; i < size; i += piece)
        lcm_not_before_feed(walker, data + i, size - i < piece ? size - i : piece);
}

static unsigned chain(struct lcm_x509 *x509, struct fuzz_input input)
{
    const br_x509_class **engine = &x509->vtable;
    unsigned count = 1u + fuzz_byte(&input) % 3u;

    (*engine)->start_chain(engine, "example.org");
    for (unsigned i = 0; i < count && input.size > 0; i++) {
        size_t size = input.size / (count - i);

        (*engine)->start_cert(engine, (uint32_t)size);
        for (size_t done = 0; done < size; done += 64)
            (*engine)->append(engine, input.bytes + done, size - done < 64 ? size - done : 64);
        (*engine)->end_cert(engine);
        input.bytes += size;
        input.size -= size;
    }
    return (*engine)->end_chain(engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct lcm_not_before whole, bytes;
    struct lcm_x509 x509;

    walk(&whole, data, size, size + 1);
    walk(&bytes, data, size, 1);
    FUZZ_REQUIRE(whole.is_found == bytes.is_found);
    if (whole.is_found)
        FUZZ_REQUIRE(whole.time.days == bytes.time.days && whole.time.seconds < 86400);
    lcm_x509_init_verify(&x509, &lcm_crypto_small, NULL, 0, size % 2 == 0 ? 1790000000u : 0);
    FUZZ_REQUIRE(chain(&x509, input) != 0); /* without an anchor nothing is trusted */
    lcm_x509_init_untrusted(&x509);
    (void)chain(&x509, input);
    return 0;
}
