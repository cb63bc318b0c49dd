"""Programs in a root of their own: of this machine they see the kernel and the network, and nothing else."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

# In a container a program is the first process, and /proc is its own: so here, where namespaces are allowed.
CONTAINER = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--wd=/", "--root={root}"]
WAYS = [CONTAINER, [CONTAINER[0], "--map-root-user", *CONTAINER[1:]], ["chroot", "{root}"]]


def command(way, root):
    return [part.format(root=root) for part in way]


def find_way():
    """The first way into another root that this machine allows."""
    for way in WAYS:
        if shutil.which(way[0]) and subprocess.run([*command(way, "/"), "/bin/true"], capture_output=True).returncode == 0:
            return way
    return None


WAY = find_way()
REFUSED = "neither namespaces nor chroot are allowed here: a package can't be given a root of its own"


class Root:
    """A new folder as root, gone with the block; what still runs in it is killed."""

    def __init__(self, filled_from=None):
        self.filled_from = filled_from

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="beer-root-"))
        self.path.chmod(0o755)
        if self.filled_from:  # by links: the files are only read
            shutil.copytree(self.filled_from, self.path, copy_function=os.link, dirs_exist_ok=True, symlinks=True)
        (self.path / "proc").mkdir(exist_ok=True)
        self.started = []
        return self

    def __exit__(self, *_):
        for program in self.started:
            program.kill()
        mounts = pathlib.Path("/proc/self/mounts").read_text()
        assert str(self.path) not in mounts, f"a mount was left behind in {self.path}"
        shutil.rmtree(self.path)

    def file(self, path):
        return self.path / path.lstrip("/")

    def write(self, path, content, mode=0o644):
        file = self.file(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        file.chmod(mode)

    def start(self, *arguments, env=None):
        """Starts a program by its path in this root, with this environment and no more."""
        if WAY[0] == "chroot":  # the one thing our programs ask of /proc
            self_exe = self.path / "proc" / "self" / "exe"
            self_exe.parent.mkdir(exist_ok=True)
            self_exe.unlink(missing_ok=True)
            self_exe.symlink_to(arguments[0])
        way = command(WAY, self.path)
        program = Program([shutil.which(way[0]), *way[1:], *arguments], env=env or {}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.started.append(program)
        return program

    def run(self, *arguments, env=None, timeout=120):
        """Runs it to its end; gives the exit code and what it said."""
        program = self.start(*arguments, env=env)
        said, _ = program.communicate(timeout=timeout)
        return program.returncode, said


class Program(subprocess.Popen):
    """What was started: the way into the root, and as its child the program."""

    def tell(self, number=signal.SIGTERM):
        """Signals the program itself, as who stops a container does."""
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        os.kill(int(children[0]) if children else self.pid, number)

    def kill(self):
        """Ends whatever is left; a namespace's processes go with its first."""
        super().kill()
        self.wait()
        self.stdout.close()
