# foldergate in a container, with the web server in front of it and the programs
# that learn from the chain and from the bucket:
#
#	docker build -t s3-auth-server .
#	docker run -p 8000:8000 s3-auth-server
#
# docs/docker.md says what to set.

FROM debian:bookworm-slim AS build
WORKDIR /src
COPY scripts/setup.sh scripts/processes.sh scripts/
RUN sh scripts/setup.sh build
COPY . .
RUN make -j2 PREFIX=/usr && make install PREFIX=/usr DESTDIR=/out && \
    install -D -m 755 scripts/container.sh /out/usr/lib/foldergate/container.sh && \
    strip /out/usr/bin/* /out/usr/lib/foldergate/cgi-bin/*

FROM debian:bookworm-slim
COPY scripts/setup.sh scripts/processes.sh /tmp/
RUN sh /tmp/setup.sh runtime && \
    rm -rf /tmp/setup.sh /tmp/processes.sh /var/lib/apt/lists/* /var/cache/apt/* && \
    useradd --system --uid 10001 --user-group --no-create-home \
        --home-dir /var/lib/foldergate foldergate && \
    install -d -o foldergate -g foldergate -m 0700 /var/lib/foldergate /state
COPY --from=build /out/ /
USER foldergate
VOLUME /var/lib/foldergate
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s \
    CMD ["/usr/lib/foldergate/container.sh", "healthy"]
ENTRYPOINT ["/usr/lib/foldergate/container.sh"]
CMD ["all"]
