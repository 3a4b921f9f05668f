# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
#
# One image for n-api and n-cpu, for whatever architecture it is built on.

FROM debian:bookworm-slim AS python
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends ca-certificates gcc libc6-dev \
        libvirt-dev pkg-config python3-dev python3-venv >/dev/null
WORKDIR /source
# What changes with every commit comes last: dependencies are built once.
COPY pyproject.toml constraints.txt ./
RUN python3 -m venv /opt/minova \
    && mkdir minova && touch minova/__init__.py \
    && /opt/minova/bin/pip install --quiet --no-cache-dir --disable-pip-version-check \
        --constraint constraints.txt ".[libvirt]" \
    && /opt/minova/bin/pip uninstall --quiet --yes minova
COPY minova minova
RUN /opt/minova/bin/pip install --quiet --no-cache-dir --disable-pip-version-check \
        --no-deps . \
    && /opt/minova/bin/pip uninstall --quiet --yes pip setuptools \
    && find /opt/minova -name __pycache__ -prune -exec rm -r {} + \
    && /opt/minova/bin/python -m compileall -q /opt/minova/lib

FROM debian:bookworm-slim AS guest-image
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends ca-certificates cpio gzip kmod \
        xz-utils zstd >/dev/null
COPY devstack/build_guest_image.sh /
RUN /build_guest_image.sh /images/minova-tick

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="minova" \
    org.opencontainers.image.licenses="Apache-2.0"
RUN case $(dpkg --print-architecture) in \
        amd64) qemu="qemu-system-x86" ;; \
        arm64) qemu="qemu-system-arm qemu-efi-aarch64" ;; \
        *) echo "no guest is known for this architecture" >&2 && exit 1 ;; \
    esac \
    && apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        libvirt-clients libvirt-daemon libvirt-daemon-driver-qemu \
        libvirt-daemon-system python3 qemu-utils $qemu >/dev/null \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*.log /var/log/apt \
    && useradd --system --user-group --home-dir /nonexistent minova \
    && useradd --system --gid minova --groups libvirt --home-dir /nonexistent \
        minova-compute
COPY --from=python /opt/minova /opt/minova
COPY --from=guest-image /images /usr/share/minova/images
COPY etc/minova/gunicorn.conf.py /etc/minova/
COPY docker/ devstack/restart_loop.sh /usr/lib/minova/
ENV PATH=/opt/minova/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LANG=C.UTF-8 \
    MALLOC_ARENA_MAX=2
# The scripts begin as root, to own the folders of the volumes, and start the daemons as
# the users minova and minova-compute.
ENTRYPOINT ["/usr/lib/minova/entrypoint"]
CMD ["n-api"]
