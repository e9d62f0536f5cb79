"""The peer: Scrapy fetching and parsing the same pages, with its own cache for conditional requests.

python benchmarks/peer_spider.py http://127.0.0.{host}:8801/{page}.html HOSTS PAGES CACHE_DIR
"""

import sys

import scrapy
from scrapy.crawler import CrawlerProcess


class Terms(scrapy.Spider):
    """Reads the rows of every page's table."""

    name = "terms"

    def __init__(self, template: str, hosts: int, pages: int) -> None:
        super().__init__()
        self.start_urls = [
            template.format(host=host, page=page) for page in range(pages) for host in range(1, hosts + 1)
        ]
        self.rows = 0

    def parse(self, response):
        for row in response.css("table tr"):
            if row.css("td::text").getall():
                self.rows += 1
        yield {"url": response.url, "characters": len("".join(response.css("body ::text").getall()))}


if __name__ == "__main__":
    template, hosts, pages, cache = sys.argv[1:]
    process = CrawlerProcess(
        {
            "LOG_LEVEL": "ERROR",
            "ROBOTSTXT_OBEY": True,
            "CONCURRENT_REQUESTS": 64,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "DOWNLOAD_DELAY": 0,
            "HTTPCACHE_ENABLED": True,
            "HTTPCACHE_POLICY": "scrapy.extensions.httpcache.RFC2616Policy",
            "HTTPCACHE_DIR": cache,
            "TELNETCONSOLE_ENABLED": False,
        }
    )
    process.crawl(Terms, template=template, hosts=int(hosts), pages=int(pages))
    process.start()
