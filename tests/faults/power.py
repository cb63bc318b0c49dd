"""A disk that forgets what wasn't synced, under a whole engine: `disk/disk.cc` is preloaded and keeps a journal of all that
changes the data folder; from it is worked out what the folder may be after the power went.

What a real disk may do, it does, by seed: bytes that were written and not synced are there, or not, or in part; so are names
in a folder that was not synced. What a sync that returned had covered is there.
"""
import ctypes
import mmap
import os
import pathlib
import random
import shutil
import stat
import struct
import time

import lake
from lake import beer

LIBRARY = pathlib.Path(os.environ.get("BEER_TEST_DIR", beer.BIN.parent / "tests")) / "libdisk.so"
HEAD = struct.Struct("<c7xQQII")
SECTOR = 512
# What is left of the unsynced: nothing; a prefix in the order of writing, the last one torn; any part of it; everything.
MODES = ("nothing", "prefix", "some", "some", "everything")
NOT_TOLD = "-shm"  # SQLite's shared memory: written through a mapping, made anew by who opens first


class Control(ctypes.Structure):
    """disk::Control."""
    _fields_ = [(name, ctypes.c_uint32) for name in
                ("cut", "left", "code", "stays", "which", "failed", "calls", "sync_microseconds")]


class File:
    """What is read (`seen`), what is on the disk (`kept`), and what lies between, in order: (line, change)."""

    def __init__(self, content=b"", mode=0o644):
        self.seen, self.kept, self.waiting, self.mode = bytearray(content), bytearray(content), [], mode

    def change(self, line, change):
        apply(self.seen, change)
        self.waiting.append((line, change))

    def sync(self, line):
        for number, change in self.waiting:
            if number < line:
                apply(self.kept, change)
        self.waiting = [w for w in self.waiting if w[0] >= line]

    def fail_to_sync(self, line, chance):
        """The system believes the pages clean from now on, so what isn't on the disk will not get there."""
        for number, change in self.waiting:
            if number < line and chance.random() < 0.5:
                apply(self.kept, change)
        self.waiting = [w for w in self.waiting if w[0] >= line]

    def lose(self, mode, chance, _):
        changes = [change for _, change in self.waiting]
        if mode == "nothing":
            return
        if mode == "everything":
            pieces = changes
        elif mode == "prefix":
            pieces = changes[:chance.randint(0, len(changes))]
            if pieces and isinstance(pieces[-1][1], bytes):
                position, written = pieces[-1]
                pieces[-1] = (position, written[:chance.randint(0, len(written))])
        else:
            pieces = [piece for change in changes for piece in sectors(change) if chance.random() < 0.5]
        for piece in pieces:
            apply(self.kept, piece)


def sectors(change):
    position, written = change
    if written is None:
        return [change]
    cuts = [0, *range(-position % SECTOR or SECTOR, len(written), SECTOR), len(written)]
    return [(position + a, written[a:b]) for a, b in zip(cuts, cuts[1:])]


def apply(content, change):
    """A change is (position, bytes), or (size, None)."""
    position, written = change
    end = position + len(written or b"")
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if written is None:
        del content[position:]
    else:
        content[position:end] = written


class Folder:
    """Names, as a File holds bytes. A change is (name, File or Folder or None)."""

    def __init__(self):
        self.seen, self.kept, self.waiting = {}, {}, []

    def put(self, name, what):
        self.seen[name] = self.kept[name] = what

    def change(self, line, name, what):
        self.rename(self.seen, name, what)
        self.waiting.append((line, name, what))

    @staticmethod
    def rename(names, name, what):
        if what is None:
            names.pop(name, None)
        else:
            names[name] = what

    def sync(self, line):
        for number, name, what in self.waiting:
            if number < line:
                self.rename(self.kept, name, what)
        self.waiting = [w for w in self.waiting if w[0] >= line]

    def fail_to_sync(self, line, chance):
        pass  # a journal of names is tried again

    def lose(self, mode, chance, until):
        for number, name, what in self.waiting:
            fate = {"nothing": False, "everything": True, "prefix": number < until,
                    # A rename's two halves have one fate.
                    "some": random.Random(f"{until}/{number}").random() < 0.5}[mode]
            if fate:
                self.rename(self.kept, name, what)


class Disk:
    """The folder `root`, from the time it is made on all of it synced."""

    def __init__(self, root):
        self.top, self.by_inode, self.lines = Folder(), {}, 0
        self.everything = [self.top]
        if os.path.isdir(root):
            self._take(root, self.top)

    def _take(self, path, folder):
        self.by_inode[os.stat(path).st_ino] = folder
        for entry in os.scandir(path):
            told = entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                folder.put(entry.name, self._new(told.st_ino, Folder()))
                self._take(entry.path, folder.seen[entry.name])
            elif stat.S_ISREG(told.st_mode):
                # Two names of one file stay one file.
                file = self.by_inode.get(told.st_ino)
                if file is None:
                    file = self._new(told.st_ino, File(pathlib.Path(entry.path).read_bytes(), stat.S_IMODE(told.st_mode)))
                folder.put(entry.name, file)

    def _new(self, inode, made):
        self.by_inode[inode] = made
        self.everything.append(made)
        return made

    def _place(self, path):
        """The folder a path's last name is in, and that name."""
        folder, names = self.top, path.split("/")
        for name in names[:-1]:
            folder = folder.seen[name]
        return folder, names[-1]

    def _at(self, path):
        folder, name = self._place(path)
        return folder.seen[name]

    def replay(self, journal, chance, lies=False):
        text, at = journal.read_bytes(), 0
        while at < len(text):
            kind, inode, number, path_size, more_size = HEAD.unpack_from(text, at)
            at += HEAD.size
            path, more = text[at:at + path_size].decode(), text[at + path_size:at + path_size + more_size]
            at += path_size + more_size
            if kind != b"S" or not lies:
                self._line(kind.decode(), inode, number, path, more, chance)
            self.lines += 1

    def _line(self, kind, inode, number, path, more, chance):
        line = self.lines
        if kind == "W":
            self.by_inode[inode].change(line, (number, more))
        elif kind == "T":
            self.by_inode[inode].change(line, (number, None))
        elif kind in "SE":
            covered = [self.by_inode[inode]] if inode else [what for what in self.everything if isinstance(what, File)]
            for found in covered:
                found.sync(number) if kind == "S" else found.fail_to_sync(number, chance)
        elif kind in "CM" and not path:  # the folder itself
            self.by_inode[inode] = self.top
        elif kind in "CM":
            self._name(path, self._new(inode, File() if kind == "C" else Folder()))
        elif kind in "UD":
            self._name(path, None)
        elif kind == "L":
            self._name(more.decode(), self._at(path))
        elif kind == "R":
            moved = self._at(path)
            self._name(path, None)
            self._name(more.decode(), moved)

    def _name(self, path, what):
        folder, name = self._place(path)
        folder.change(self.lines, name, what)

    def remember_modes(self, root):
        for path in pathlib.Path(root).rglob("*"):
            told = path.lstat()
            found = self.by_inode.get(told.st_ino)
            if isinstance(found, File):
                found.mode = stat.S_IMODE(told.st_mode)

    def differences(self, root, folder=None, path=""):
        """Where the journal makes something else than is there: what the disk did not see."""
        folder = folder or self.top
        there = {entry.name: entry for entry in os.scandir(root) if not entry.is_symlink()}
        wrong = [f"{path}{name}" for name in there.keys() ^ folder.seen.keys()]
        for name in there.keys() & folder.seen.keys():
            what = folder.seen[name]
            if isinstance(what, Folder):
                wrong += self.differences(there[name].path, what, f"{path}{name}/")
            elif not name.endswith(NOT_TOLD) and pathlib.Path(there[name].path).read_bytes() != what.seen:
                wrong.append(f"{path}{name}")
        return wrong

    def lose_power(self, mode, chance):
        until = chance.randint(0, self.lines)
        for what in self.everything:
            what.lose(mode, chance, until)

    def write(self, root, folder=None):
        """Makes `root` what the disk holds."""
        os.makedirs(root, exist_ok=True)
        for name, what in (folder or self.top).kept.items():
            path = os.path.join(root, name)
            if isinstance(what, Folder):
                self.write(path, what)
            else:
                pathlib.Path(path).write_bytes(what.kept)
                os.chmod(path, what.mode)


class Power:
    """The disk under an engine that is started with `environment()`, over its starts and power cuts."""

    modes = MODES
    lies = False  # a disk that says it has synced, and hasn't

    def __init__(self, folder, data, seed):
        if not LIBRARY.exists():
            raise RuntimeError(f"{LIBRARY} is missing: it is built by the target `disk`, as `make test-faults` does")
        self.data, self.chance, self.folder = os.path.realpath(data), random.Random(seed), folder
        self.control_file = os.path.join(folder, "control")
        pathlib.Path(self.control_file).write_bytes(bytes(ctypes.sizeof(Control)))
        with open(self.control_file, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), ctypes.sizeof(Control))
        self.control = Control.from_buffer(self.page)
        self.control.sync_microseconds = 2000
        self.journal, self.disk, self.lost = pathlib.Path(folder, "journal"), None, []

    def on(self):
        """The folder is on the disk as it stands; gives the environment of the process that works on it."""
        self.control.cut = self.control.left = self.control.failed = 0
        self.journal.unlink(missing_ok=True)
        self.disk = Disk(self.data)
        return {"LD_PRELOAD": str(LIBRARY), "BEER_DISK_FOLDER": self.data,
                "BEER_DISK_JOURNAL": str(self.journal), "BEER_DISK_CONTROL": self.control_file}

    def cut(self, process):
        """Off, between two calls; or it is so already."""
        self.control.cut = 1
        process.wait(30)

    def fail(self, nth, code=0, stays=False, kinds=""):
        """The nth change from now meets that errno; with none, the power cut. `kinds`: letters of disk::Kind."""
        self.control.failed, self.control.code, self.control.stays = 0, code, stays
        self.control.which = sum(1 << (ord(kind) - ord("A")) for kind in kinds)
        self.control.left = nth

    def work(self):
        self.control.left = self.control.stays = 0

    def lose(self):
        """The folder becomes what the disk may hold now that the process is gone. Gives what the disk didn't see."""
        if self.journal.exists():
            self.disk.replay(self.journal, self.chance, self.lies)
        if not os.path.isdir(self.data):
            return []
        unseen = self.disk.differences(self.data)
        self.disk.remember_modes(self.data)
        mode = self.chance.choice(self.modes)
        self.disk.lose_power(mode, self.chance)
        shutil.rmtree(self.data)
        self.disk.write(self.data)
        self.lost.append(mode)
        return unseen
