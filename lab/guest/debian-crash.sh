#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The oldmem authors
#
# A unit of a real Debian: once kdump-tools has loaded what runs after a
# panic, it dirties memory as a running machine would, and panics. With
# lab.setup on the command line it only gets the disk ready, and powers off:
#
#     lab.setup=dep, =most     kdump-tools' initramfs, which it makes by itself
#                              for this machine; or one for any machine
#     lab.setup=lvm, =multipath   /var/crash on another disk
#     lab.setup=install        /oldmem.deb, by dpkg
#     lab.setup=install-hold   the same, and oldmem-hold from the next boot on
#
# lab.deed=NAME is something that is done before the panic, when all is loaded.
. /usr/lib/lab/functions.sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/lab
# After the crash it must not run again.
[ -s /proc/vmcore ] && exit 0
wait_for port && exec 3<> "$(port)"
stty raw -echo <&3
initrd=/var/lib/kdump/initrd.img-$(uname -r)

is_loaded() { [ "$(cat /sys/kernel/kexec_crash_loaded)" = 1 ]; }

give_up() {
  tell verdict fail "$*"
  sync
  poweroff -f
}

# mount_crash DEVICE: /var/crash, from the next boot on.
mount_crash() {
  mkfs.ext4 -q "$1" || give_up "no file system on $1"
  echo "$1 /var/crash ext4 defaults 0 2" >> /etc/fstab
}

case $(setting setup) in
  '') ;;
  dep) kdump-config show ;;
  most)
    mv /var/lib/kdump/most.img "$initrd"
    kdump-config reload
    ;;
  lvm)
    # Whoever has no multipath has no daemon that locks memory for it.
    systemctl disable multipathd.service multipathd.socket
    pvcreate "$(disk crash)" && vgcreate lab "$(disk crash)" &&
      lvcreate -n crash -l 100%FREE lab || give_up 'no logical volume'
    mount_crash /dev/lab/crash
    ;;
  multipath)
    wait_for test -b /dev/mapper/mpatha
    multipath -ll
    mount_crash /dev/mapper/mpatha
    ;;
  install | install-hold)
    dpkg -i /oldmem.deb || give_up 'dpkg does not install the package'
    rm /oldmem.deb
    oldmem status
    oldmem test
    # A warning is no fault.
    [ $? != 1 ] || give_up 'oldmem test has found a problem'
    [ "$(setting setup)" = install ] || systemctl enable oldmem-hold
    ;;
esac
if grep -q 'lab\.setup=' /proc/cmdline; then
  is_loaded || give_up 'kdump-tools has loaded nothing'
  tell verdict pass 'the disk is ready'
  sync
  poweroff
  exit
fi

wait_for is_loaded ||
  give_up 'kdump-tools cannot load at this crashkernel='
cat /var/crash/kexec_cmd
# Who loaded it: kdump-tools' service has that name for itself, and all others
# that of the program.
loads() { journalctl -b -o cat -t "$1" | grep -cx 'loaded kdump kernel'; }
tell fact loads-by-service "$(loads kdump-tools)"
tell fact loads-by-others "$(loads kdump-config)"

hog 128 hold > /run/hog &
wait_for grep -q held /run/hog
dd if=/dev/urandom of=/run/shared bs=1M count=16 2> /dev/null
find /sys /proc/1 > /dev/null 2>&1

edit_level() { echo 'MAKEDUMP_ARGS="-c -d 1"' >> /etc/default/kdump-tools; }
case $(setting deed) in
  purge)
    dpkg --purge oldmem || give_up 'dpkg does not purge the package'
    ;;
  level-noticed) edit_level ;;
esac
case $(setting deed) in
  purge | level-noticed)
    # Nothing is lent any more: kdump-tools' own initrd goes back, and is loaded.
    is_put_back() {
      ! grep -qa oldmem/init "$initrd" && [ "$(loads kdump-config)" != 0 ]
    }
    # Emulated, packing takes its time.
    wait_for is_put_back || wait_for is_put_back ||
      give_up "kdump-tools' own initrd is not loaded"
    wait_for is_loaded
    tell fact put-back yes
    ;;
esac
if [ "$(setting deed)" = hold ]; then
  # Whatever it says: how small is too small is for the crash to show.
  oldmem test
  tell fact oldmem-test-status "$?"
  tell fact held-kib "$(oldmem status | sed -n 's/^holds.* \([0-9]*\) KiB.*/\1/p')"
  # The record lies in the image, which nobody else may read.
  tell fact image-mode "$(stat -c %a "$initrd")"
  tell fact cycles "$(journalctl -b | grep -c 'ordering cycle')"
fi
tell fact first-kernel-seconds "$(cut -d ' ' -f 1 /proc/uptime)"
sync
if [ "$(setting deed)" = level-missed ]; then
  edit_level
  # Of the file alone: what notices it would have time meanwhile.
  sync /etc/default/kdump-tools
fi
echo c > /proc/sysrq-trigger
