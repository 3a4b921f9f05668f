#!/usr/bin/env bash
# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
#
# Build the guest image "minova-tick" from distribution packages alone.
#
# Usage: devstack/build_guest_image.sh [--arch amd64|arm64] OUTPUT_DIR
#
# OUTPUT_DIR receives three files:
#   kernel      the distribution's cloud (virtual machine) kernel
#   ramdisk     a gzipped cpio initramfs: a static busybox and one /init script
#   image.json  the image's description
#
# The guest greets, prints "tick N" once a second on its console and powers
# off when its (ACPI) power button is pressed. It prints the name and the uuid
# that it finds on a config drive, and the address that it gets by DHCP.  "minova.flood=BYTES" on its
# kernel command line makes it write that many bytes of filler lines first.
#
# The packages are downloaded and unpacked in a temporary directory; nothing
# is installed and the package manager's configuration is left as it is.  No
# root privileges are needed.  A complete image which this very script made
# earlier is kept: delete OUTPUT_DIR to have it rebuilt with newer packages.

set -euo pipefail
umask 022

readonly IMAGE_NAME=minova-tick
readonly MIN_RAM=128 # MiB; 64 is too little for a distribution's kernel to unpack itself
readonly SCRIPT=${BASH_SOURCE[0]}

arch=                # Debian's name of the guest's architecture
output_dir=
work_dir=            # temporary, removed at exit
stage_dir=           # inside OUTPUT_DIR, so that files can be renamed into place
image_id=            # set, with the four below, by describe_architecture
image_arch=
console=
power_modules=()
# Those of a NIC, and of a CD in a SCSI drive.
readonly DEVICE_MODULES=(virtio_pci virtio_net virtio_scsi sr_mod isofs)
apt_options=()       # empty: the package lists this machine already has
packages=()

usage() {
    echo "usage: ${SCRIPT##*/} [--arch amd64|arm64] OUTPUT_DIR"
}

say() {
    echo "${SCRIPT##*/}: $*" >&2
}

die() {
    say "$*"
    exit 1
}

parse_arguments() {
    while (($#)); do
        case $1 in
            --arch)
                (($# > 1)) || die "--arch needs a value"
                arch=$2
                shift
                ;;
            --arch=*) arch=${1#*=} ;;
            -h | --help)
                usage
                exit 0
                ;;
            -*) die "unknown option: $1" ;;
            *)
                [[ -z $output_dir ]] || die "more than one OUTPUT_DIR"
                output_dir=$1
                ;;
        esac
        shift
    done
    if [[ -z $output_dir ]]; then
        usage >&2
        exit 2
    fi
    [[ $output_dir == /* ]] || output_dir=./$output_dir
}

require_tools() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || die "this script needs '$tool'"
    done
}

describe_architecture() {
    case $arch in
        amd64)
            image_id=8cc68639-c302-441d-9aab-b493b94f7f6e
            image_arch=x86_64
            console=ttyS0
            power_modules=(button evdev)
            ;;
        arm64)
            image_id=ecd5ef2a-907f-476a-8bd2-d09869e64b52
            image_arch=aarch64
            console=ttyAMA0
            power_modules=(button gpio-pl061 gpio-keys evdev)
            ;;
        *) die "unsupported architecture: $arch (known: amd64, arm64)" ;;
    esac
}

# --- is there anything to do? ----------------------------------------------

make_build_key() {
    { cat -- "$SCRIPT" && echo "arch=$arch"; } | sha256sum | cut -d ' ' -f 1
}

payload_size() { # DIRECTORY: bytes of kernel and ramdisk together
    cat -- "$1/kernel" "$1/ramdisk" | wc -c
}

is_up_to_date() { # BUILD_KEY
    local json=$output_dir/image.json
    [[ -f $json && -s $output_dir/kernel && -s $output_dir/ramdisk ]] &&
        grep -Fq "\"build_key\": \"$1\"" "$json" &&
        grep -Fq "\"size\": $(payload_size "$output_dir")," "$json"
}

# --- packages ----------------------------------------------------------------

# A separate apt root which knows nothing but the guest's architecture.  The
# machine's own sources and keys are used, its state is not touched.
use_isolated_apt() {
    local root=$work_dir/apt
    mkdir -p "$root/state/lists/partial" "$root/cache/archives/partial"
    : >"$root/status"
    cat >"$root/apt.conf" <<APT_CONF
Dir::State "$root/state";
Dir::State::status "$root/status";
Dir::Cache "$root/cache";
APT::Architecture "$arch";
#clear APT::Architectures;
APT::Architectures { "$arch"; };
Acquire::Languages "none";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT_CONF
    apt_options=(-c "$root/apt.conf")
    say "fetching package lists for $arch"
    apt-get "${apt_options[@]}" -qq update ||
        say "some package lists could not be fetched; trying without them"
}

# The packages with kernel files which PACKAGE depends on directly.  The
# modules are in the image's package on Debian and in their own on Ubuntu.
kernel_dependencies() { # PACKAGE
    apt-cache "${apt_options[@]}" show --no-all-versions "$1:$arch" 2>/dev/null |
        sed -n 's/^Depends: //p' | tr ',' '\n' | sed 's/^ *//; s/[ (:|].*//' |
        grep -E '^linux-(image|binary|modules)-[0-9]' || true
}

# Debian's cloud kernel, else Ubuntu's virtual one, else a general one.
kernel_packages() {
    local meta package direct
    for meta in "linux-image-cloud-$arch" linux-image-virtual \
        linux-image-generic "linux-image-$arch"; do
        direct=$(kernel_dependencies "$meta")
        [[ -n $direct ]] || continue
        for package in $direct; do
            echo "$package"
            kernel_dependencies "$package"
        done | sort -u
        return
    done
    return 1
}

download_packages() {
    local names
    names=$(kernel_packages) || return 1
    mapfile -t packages <<<"$names"
    packages+=(busybox-static)
    say "downloading ${packages[*]} ($arch)"
    rm -f -- "$work_dir"/debs/*.deb
    (cd "$work_dir/debs" &&
        apt-get "${apt_options[@]}" -qq download "${packages[@]/%/:$arch}")
}

unpack_packages() {
    local deb
    for deb in "$work_dir"/debs/*.deb; do
        dpkg-deb -x "$deb" "$work_dir/unpacked"
    done
}

# Run by root, apt downloads as the user _apt.
make_download_directory() {
    mkdir -p "$work_dir/debs" "$work_dir/unpacked"
    if ((EUID == 0)) && id _apt >/dev/null 2>&1; then
        chown _apt "$work_dir/debs" || true # apt warns, and downloads all the same
    fi
}

fetch_packages() {
    make_download_directory
    if ! download_packages; then
        use_isolated_apt
        download_packages || die "no kernel or busybox-static package for $arch"
    fi
    unpack_packages
}

package_versions() { # e.g. "busybox-static 1:1.35.0-4, linux-image-... 6.1.1-1"
    local deb
    for deb in "$work_dir"/debs/*.deb; do
        # shellcheck disable=SC2016 # it is dpkg-deb that expands these
        dpkg-deb --show --showformat '${Package} ${Version}\n' "$deb"
    done | paste -s -d , | sed 's/,/, /g'
}

# --- kernel modules ------------------------------------------------------------

module_glob() { # NAME: its file's name may have - where the module has _
    echo "${1//[-_]/[-_]}"
}

find_module() { # NAME
    find "$work_dir/unpacked" -type f -name "$(module_glob "$1").ko*" -print -quit
}

is_builtin() { # NAME
    find "$work_dir/unpacked" -type f -name modules.builtin -exec cat {} + |
        grep -q "/$(module_glob "$1")\.ko\$"
}

uncompress_module() { # FILE
    case $1 in
        *.zst) zstd -dcq -- "$1" ;;
        *.xz) xz -dc -- "$1" ;;
        *.gz) gzip -dc -- "$1" ;;
        *) cat -- "$1" ;;
    esac
}

module_dependencies() { # UNCOMPRESSED_FILE
    LC_ALL=C tr '\0' '\n' <"$1" |
        LC_ALL=C sed -n 's/^depends=\([[:alnum:]_,-]*\)$/\1/p' | tr ',' ' '
}

# Copies a module after those it needs and notes the order of loading.
add_module() { # NAME MODULES_DIR
    local name=${1//-/_} dir=$2 source dependency
    local target=$dir/$name.ko
    [[ ! -e $target ]] || return 0
    source=$(find_module "$name")
    if [[ -z $source ]]; then
        is_builtin "$name" || say "note: leaving out the module $name, which this kernel does not have"
        return 0
    fi
    uncompress_module "$source" >"$target"
    for dependency in $(module_dependencies "$target"); do
        add_module "$dependency" "$dir"
    done
    echo "$name.ko" >>"$dir/order"
}

# --- the guest's files ---------------------------------------------------------

write_init() { # FILE
    cat >"$1" <<'INIT'
#!/bin/sh
export PATH=/bin

prepare() {
    mount -t devtmpfs dev /dev
    mount -t proc proc /proc
    mount -t sysfs sys /sys
    exec </dev/console >/dev/console 2>&1
    echo 1 >/proc/sys/kernel/printk # keep the kernel off the console
    while read -r module; do
        insmod "/lib/modules/$module"
    done </lib/modules/order
    mkfifo /run/never # nobody writes into it: a read with a timeout sleeps
    exec 3<>/run/never
}

# ACPI's power button is an input device.
watch_acpi_button() {
    [ -e /dev/input/event0 ] || return
    acpid -d -c /etc/acpi -p /run/acpid.pid >/dev/null 2>&1 &
}

# Without ACPI, QEMU's machine "virt" has the button on a GPIO pin.  Should
# the kernel lack the driver for keys on pins, count the pin's interrupts.
button_count=
watch_gpio_button() {
    ! grep -q 'gpio-keys' /proc/bus/input/devices || return
    for chip in /sys/class/gpio/gpiochip*; do
        case $(cat "$chip/label" 2>/dev/null) in *.pl061) ;; *) continue ;; esac
        pin=$(($(cat "$chip/base") + 3))
        echo "$pin" >/sys/class/gpio/export || return
        echo in >"/sys/class/gpio/gpio$pin/direction"
        echo rising >"/sys/class/gpio/gpio$pin/edge"
        irq=$(grep -l gpiolib /sys/kernel/irq/*/actions) || return
        button_count=${irq%/actions}/per_cpu_count
        read -r button_idle <"$button_count"
        return
    done
}

check_gpio_button() {
    [ -n "$button_count" ] || return
    read -r now <"$button_count"
    [ "$now" = "$button_idle" ] || power-off
}

# The kernel finds the drive a moment after its driver is loaded.
wait_for_config_drive() {
    ls /sys/bus/virtio/drivers/virtio_scsi/virtio* >/dev/null 2>&1 || return
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        [ ! -b /dev/sr0 ] || return 0
        read -r -t 0.3 -u 3 _
    done
    return 1
}

# The first text of that name is the server's own: those inside come later.
print_config_drive() {
    wait_for_config_drive && mount -t iso9660 -o ro /dev/sr0 /mnt || return
    for key in name uuid; do
        found=$(grep -o "\"$key\": \"\(\\\\.\|[^\"\\]\)*\"" \
            /mnt/openstack/latest/meta_data.json | head -n 1)
        found=${found#*: \"}
        echo "minova-tick: $key ${found%\"}"
    done
    umount /mnt
}

# Beside the ticks: nobody may be there to answer.
ask_for_address() {
    [ -e /sys/class/net/eth0 ] || return
    ip link set lo up
    ip link set eth0 up
    udhcpc -i eth0 -t 10 -T 1 -s /bin/use-lease >/dev/null 2>&1 3>&- &
}

# Filler lines of 64 bytes each, as the console sends them (with CR and LF).
flood() {
    for word in $(cat /proc/cmdline); do
        case $word in minova.flood=*) bytes=${word#*=} ;; esac
    done
    case $bytes in '' | *[!0-9]*) return ;; esac
    awk -v bytes="$bytes" 'BEGIN {
        filler = "x"
        while (length(filler) < 46) filler = filler "x"
        for (line = 1; line <= (bytes + 63) / 64; line++)
            printf "filler %08d %s\n", line, filler
    }'
}

prepare
watch_acpi_button
watch_gpio_button
echo "minova-tick: booted"
print_config_drive
ask_for_address
flood
count=0
while :; do
    count=$((count + 1))
    echo "tick $count"
    check_gpio_button
    read -r -t 1 -u 3 _
done
INIT
    chmod 0755 "$1"
}

write_power_off() { # FILE
    cat >"$1" <<'POWER_OFF'
#!/bin/sh
echo "minova-tick: powering off" >/dev/console
sleep 0.2 # for the console to send it
poweroff -f
POWER_OFF
    chmod 0755 "$1"
}

# What udhcpc runs when it got an address, and when it lost one.
write_use_lease() { # FILE
    cat >"$1" <<'USE_LEASE'
#!/bin/sh
ip address flush dev "$interface"
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ip address add "$ip/$mask" dev "$interface"
for gateway in $router; do
    ip route add default via "$gateway" dev "$interface"
done
[ "$1" = renew ] || echo "minova-tick: address $ip" >/dev/console
USE_LEASE
    chmod 0755 "$1"
}

install_busybox() { # BIN_DIR
    local source applet
    source=$(find "$work_dir/unpacked" -type f -name busybox -path '*bin/*' -print -quit)
    [[ -n $source ]] || die "no busybox in package busybox-static"
    install -m 0755 "$source" "$1/busybox"
    for applet in acpid awk cat grep head insmod ip mkfifo mount poweroff sh sleep \
        udhcpc umount; do
        ln -s busybox "$1/$applet"
    done
}

make_ramdisk() { # FILE
    local root=$work_dir/root module
    mkdir -p "$root"/{bin,dev,mnt,proc,sys,run,lib/modules,etc/acpi/PWRF}
    install_busybox "$root/bin"
    write_init "$root/init"
    write_power_off "$root/bin/power-off"
    write_use_lease "$root/bin/use-lease"
    ln -s /bin/power-off "$root/etc/acpi/PWRF/00000080"
    : >"$root/lib/modules/order"
    for module in "${power_modules[@]}" "${DEVICE_MODULES[@]}"; do
        add_module "$module" "$root/lib/modules"
    done
    find "$root" -exec touch -h -d @0 {} +
    (cd "$root" && find . -print0 | LC_ALL=C sort -z |
        cpio --quiet --null --create --format=newc --owner=0:0 --reproducible) |
        gzip -n -6 >"$1"
}

copy_kernel() { # FILE
    local source
    source=$(find "$work_dir/unpacked" -type f -name 'vmlinu[xz]*' -print -quit)
    [[ -n $source ]] || die "no kernel in ${packages[*]}"
    cat -- "$source" >"$1"
}

write_description() { # FILE BUILD_KEY
    local now
    now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    cat >"$1" <<JSON
{
  "id": "$image_id",
  "name": "$IMAGE_NAME",
  "status": "active",
  "created_at": "$now",
  "updated_at": "$now",
  "min_ram": $MIN_RAM,
  "min_disk": 0,
  "size": $(payload_size "$stage_dir"),
  "kernel": "kernel",
  "ramdisk": "ramdisk",
  "cmdline": "console=$console quiet panic=-1",
  "properties": {
    "architecture": "$image_arch",
    "os_distro": "debian",
    "packages": "$(package_versions)",
    "build_key": "$2"
  }
}
JSON
}

# --- putting it together -------------------------------------------------------

cleanup() {
    [[ -z $work_dir ]] || rm -rf -- "$work_dir"
    [[ -z $stage_dir ]] || rm -rf -- "$stage_dir"
}

make_directories() {
    trap cleanup EXIT
    work_dir=$(mktemp -d "${TMPDIR:-/tmp}/minova-tick.XXXXXX")
    chmod 0755 "$work_dir" # see make_download_directory
    mkdir -p -- "$output_dir"
    chmod 0755 "$output_dir"
    stage_dir=$(mktemp -d "$output_dir/.build.XXXXXX")
}

# The description goes first and comes last: where it is, the image is whole.
publish() {
    local name
    rm -f -- "$output_dir/image.json"
    for name in kernel ramdisk image.json; do
        chmod 0644 "$stage_dir/$name"
        mv -f -- "$stage_dir/$name" "$output_dir/$name"
    done
}

main() {
    local build_key
    parse_arguments "$@"
    require_tools dpkg
    arch=${arch:-$(dpkg --print-architecture)}
    describe_architecture
    build_key=$(make_build_key)
    if is_up_to_date "$build_key"; then
        say "$output_dir already has a complete $IMAGE_NAME image for $arch"
        return
    fi
    require_tools apt-get apt-cache dpkg-deb cpio gzip
    make_directories
    fetch_packages
    copy_kernel "$stage_dir/kernel"
    make_ramdisk "$stage_dir/ramdisk"
    write_description "$stage_dir/image.json" "$build_key"
    publish
    say "built $IMAGE_NAME for $arch in $output_dir ($(payload_size "$output_dir") bytes)"
}

main "$@"
