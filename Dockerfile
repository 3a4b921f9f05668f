# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
#
# One image for n-api, n-cpu and a cloud in one process, for whatever architecture it is built on.

# Tools for building, which are not in the result. There is no compiler: wheels come
# from PyPI, and the binding of Debian's libvirt from Debian (docs/adr/0024).
FROM debian:bookworm-slim AS tools
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        ca-certificates cpio gzip kmod python3-libvirt python3-venv xz-utils zstd >/dev/null

FROM tools AS python
WORKDIR /source
# The parts that change with every commit come last, so dependencies are installed only
# once.
COPY pyproject.toml constraints.txt ./
RUN python3 -m venv --system-site-packages /opt/minova \
    && mkdir minova && touch minova/__init__.py \
    && /opt/minova/bin/pip install --quiet --no-cache-dir --no-compile --disable-pip-version-check \
        --only-binary :all: --constraint constraints.txt '.[mysql,keystone-server,trace]' \
    && /opt/minova/bin/pip uninstall --quiet --yes minova
COPY minova minova
RUN /opt/minova/bin/pip install --quiet --no-cache-dir --no-compile --disable-pip-version-check \
        --no-deps . \
    && /opt/minova/bin/pip uninstall --quiet --yes pip setuptools \
    && /opt/minova/bin/python -m compileall -q /opt/minova/lib

FROM tools AS guest-image
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
        libvirt-daemon-system python3 python3-libvirt qemu-utils $qemu >/dev/null \
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
# The scripts start as root, to take the folders of the volumes, and run the daemons as
# the users minova and minova-compute.
ENTRYPOINT ["/usr/lib/minova/entrypoint"]
CMD ["n-api"]
