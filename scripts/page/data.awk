# SPDX-License-Identifier: Apache-2.0
# The page as C (portal/page.h): od -An -v -tu1 PAGE.gz | awk -v policy=FILE -f data.awk
#
# A constant array stays in flash (port/lx106/sections.ld). Words are little-endian, the last one is
# filled up with zeros.

BEGIN {
    getline text <policy
    print "// SPDX-License-Identifier: Apache-2.0"
    print "/* Generated from web/setup/ by mk/page.mk. */"
    print "#include \"portal/page.h\"\n"
    print "const uint32_t lcm_page_words[] = {"
}

{
    for (i = 1; i <= NF; i++)
        byte[size++] = $i
}

END {
    for (i = 0; i < size; i += 4)
        printf("%s0x%02x%02x%02x%02xu,", i % 24 ? " " : i ? "\n    " : "    ", \
            byte[i + 3], byte[i + 2], byte[i + 1], byte[i])
    print "\n};"
    printf("const uint32_t lcm_page_size = %d;\n", size)
    gsub(/"/, "\\\"", text)
    printf("const char lcm_page_policy[] =\n    \"%s\";\n", text)
}
