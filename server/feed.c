// SPDX-License-Identifier: Apache-2.0
/*
 * Atom feed and pages of the release host; see the header.
 *
 * Names are of the path alphabet (server/request.h): none needs escaping in XML or HTML.
 */
#include "server/feed.h"

#include <stdio.h>
#include <stdlib.h>

static void atom_time(time_t when, char text[32])
{
    struct tm parts;

    gmtime_r(&when, &parts);
    strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static void entry_write(FILE *out, const char *repository_url, const struct serve_entry *entry)
{
    char updated[32];

    atom_time(entry->changed, updated);
    fprintf(out,
            "  <entry>\n"
            "    <id>%s/releases/tag/%s</id>\n"
            "    <updated>%s</updated>\n"
            "    <link rel=\"alternate\" type=\"text/html\" href=\"%s/releases/tag/%s\"/>\n"
            "    <title>%s</title>\n"
            "    <content type=\"html\">No content.</content>\n"
            "  </entry>\n",
            repository_url, entry->name, updated, repository_url, entry->name, entry->name);
}

/* Close a memory stream and hand out its text. */
static enum lcm_err stream_finish(FILE *out, char **text, char **result)
{
    if (fclose(out) != 0) {
        free(*text);
        return LCM_ERR_NO_SPACE;
    }
    *result = *text;
    return LCM_OK;
}

enum lcm_err serve_feed_make(const struct serve_site *site, const char *owner,
                             const char *repository, char **feed)
{
    struct serve_entry *list;
    size_t count, size;
    char url[512], updated[32], *text = NULL;
    enum lcm_err err = serve_catalog_releases(site->root, owner, repository, &list, &count);

    if (err != LCM_OK)
        return err;
    snprintf(url, sizeof(url), "https://%s/%s/%s", site->host_names[SERVE_RELEASE], owner,
             repository);
    atom_time(count > 0 ? list[0].changed : 0, updated);
    FILE *out = open_memstream(&text, &size);
    if (out != NULL) {
        fprintf(out,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en-US\">\n"
                "  <id>%s/releases</id>\n"
                "  <link type=\"text/html\" rel=\"alternate\" href=\"%s/releases\"/>\n"
                "  <link type=\"application/atom+xml\" rel=\"self\" href=\"%s/releases.atom\"/>\n"
                "  <title>Release notes from %s</title>\n"
                "  <updated>%s</updated>\n",
                url, url, url, repository, updated);
        for (size_t i = 0; i < count && i < SERVE_FEED_ENTRIES_MAX; i++)
            entry_write(out, url, &list[i]);
        fputs("</feed>\n", out);
    }
    free(list);
    return out != NULL ? stream_finish(out, &text, feed) : LCM_ERR_NO_SPACE;
}

/* An HTML page with one link per entry; link + name is where it leads. */
static enum lcm_err page_make(const char *title, const char *link, const struct serve_entry *list,
                              size_t count, char **page)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return LCM_ERR_NO_SPACE;
    fprintf(out,
            "<!doctype html>\n<meta charset=\"utf-8\">\n<title>%s</title>\n<h1>%s</h1>\n<ul>\n",
            title, title);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "<li><a href=\"%s%s\">%s</a>\n", link, list[i].name, list[i].name);
    fputs("</ul>\n", out);
    return stream_finish(out, &text, page);
}

enum lcm_err serve_page_releases(const struct serve_site *site, const char *owner,
                                 const char *repository, char **page)
{
    struct serve_entry *list;
    size_t count;
    char title[2 * SERVE_SEGMENT_SIZE + 16], link[2 * SERVE_SEGMENT_SIZE + 32];
    enum lcm_err err = serve_catalog_releases(site->root, owner, repository, &list, &count);

    if (err != LCM_OK)
        return err;
    snprintf(title, sizeof(title), "%s/%s", owner, repository);
    snprintf(link, sizeof(link), "/%s/%s/releases/tag/", owner, repository);
    err = page_make(title, link, list, count, page);
    free(list);
    return err;
}

enum lcm_err serve_page_release(const struct serve_site *site, const char *const names[3],
                                char **page)
{
    struct serve_entry *list;
    size_t count;
    char title[3 * SERVE_SEGMENT_SIZE + 16], link[3 * SERVE_SEGMENT_SIZE + 32];
    enum lcm_err err = serve_catalog_files(site->root, names, &list, &count);

    if (err != LCM_OK)
        return err;
    snprintf(title, sizeof(title), "%s/%s %s", names[0], names[1], names[2]);
    snprintf(link, sizeof(link), "/%s/%s/releases/download/%s/", names[0], names[1], names[2]);
    err = page_make(title, link, list, count, page);
    free(list);
    return err;
}
