"""`beer query` at a terminal of its own: history, completion, Ctrl-C, carets; and as a script."""
import json
import os
import pty
import re
import select
import subprocess
import time
import unittest

import beer


class Terminal:
    """A program on a pseudo terminal: what is typed, and waiting for what it shows."""

    def __init__(self, arguments, environment, cwd):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(arguments, stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=cwd,
                                        start_new_session=True, preexec_fn=self.take_terminal)
        os.close(slave)
        self.text = ""

    @staticmethod
    def take_terminal():
        import fcntl
        import termios
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)

    def type(self, text):
        os.write(self.master, text.encode())

    def until(self, pattern, seconds=60):
        """Waits for the pattern, and gives what came up to it."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.text)
            if found:
                before = self.text[:found.end()]
                self.text = self.text[found.end():]
                return before
            if time.monotonic() > end:
                raise AssertionError(f"{pattern!r} did not come: {self.text!r}")
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    piece = os.read(self.master, 4096)
                except OSError:
                    piece = b""
                if not piece:
                    raise AssertionError(f"it ended before {pattern!r}: {self.text!r}")
                # Colours and cursor moves aside.
                self.text += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\x07]", "", piece.decode(errors="replace"))


class Prompt(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = beer.Engine().__enter__()
        cls.addClassCleanup(cls.engine.__exit__)
        done = cls.engine.beer("deploy")
        assert done.returncode == 0, done.stderr
        cls.history = os.path.join(cls.engine.folder, "history")
        cls.environment = {**cls.engine.environment(), "BEER_HISTORY": cls.history, "TERM": "xterm"}

    def terminal(self):
        return Terminal([beer.BEER, "query"], self.environment, self.engine.folder)

    def test_a_session(self):
        with self.terminal() as terminal:
            terminal.until("beer> ")
            terminal.type("SELECT 1 AS one,\n")
            terminal.until("-> ")
            terminal.type("'x;y' AS two;\n")
            shown = terminal.until(r"1 row, .* scanned, \d+\.\d\d s")
            self.assertRegex(shown, r"one +two\n *integer +varchar *\n-+ +-+\n +1 +x;y")
            terminal.until("beer> ")
            terminal.type("SELECT nope FROM cleaned;\n")
            terminal.until(r"nope[^\n]*\n  SELECT nope FROM cleaned\n         \^")
            terminal.until("beer> ")
            terminal.type("\\d\n")
            terminal.until(r"cleaned +table +\d+")
            terminal.until("beer> ")
            terminal.type("\\d clea\t\n")
            terminal.until(r"ibu +double")
            terminal.until("beer> ")
            terminal.type("\\explain SELECT 2;\n")
            terminal.until(r"\d rows?, ")
            terminal.until("beer> ")
            terminal.type("SELECT 'half")
            terminal.until("half")
            terminal.type("\x03")
            terminal.until("beer> ")
            terminal.type("\\q\n")
            self.assertEqual(terminal.process.wait(30), 0)
        self.assertEqual(os.stat(self.history).st_mode & 0o777, 0o600)
        with self.terminal() as terminal:
            terminal.until("beer> ")
            terminal.type("\x1b[A" * 6)  # the sixth from the end, of another session
            terminal.until("1 AS one, 'x;y' AS two;")
            terminal.type("\n")
            terminal.until("1 row")
            terminal.until("beer> ")
            terminal.type("sel\t1 as thre\tx;\n")
            terminal.until("1 row")
            terminal.until("beer> ")
            terminal.type("\x04")
            self.assertEqual(terminal.process.wait(30), 0)

    def test_ctrl_c_cancels_on_the_server_and_gives_the_prompt_back(self):
        athena = self.engine.client("athena")

        def states():
            group = [g["Name"] for g in athena.list_work_groups()["WorkGroups"] if g["Name"] != "primary"][0]
            ids = athena.list_query_executions(WorkGroup=group)["QueryExecutionIds"]
            found = athena.batch_get_query_execution(QueryExecutionIds=ids[:5])["QueryExecutions"] if ids else []
            return [q["Status"]["State"] for q in found if "sequence(1, 20000)" in q["Query"]]

        slow = ("SELECT count(*) FROM UNNEST(sequence(1, 20000)) a(x) CROSS JOIN UNNEST(sequence(1, 20000)) b(y) "
                "CROSS JOIN UNNEST(sequence(1, 20000)) c(z) WHERE (x * y) % 7 = z % 5")
        with self.terminal() as terminal:
            terminal.until("beer> ")
            terminal.type(slow + ";\n")
            beer.eventually(lambda: "RUNNING" in states(), "the query runs")
            terminal.type("\x03")
            terminal.until("the query was cancelled")
            terminal.until("beer> ")
            beer.eventually(lambda: states() == ["CANCELLED"], "the query is cancelled")
            terminal.type("SELECT 40 + 2;\n")
            terminal.until("42")
            terminal.until("beer> ")
            terminal.type("exit\n")
            self.assertEqual(terminal.process.wait(30), 0)

    def test_as_a_script(self):
        def query(*arguments, text=None):
            return subprocess.run([beer.BEER, "query", *arguments], env=self.environment, cwd=self.engine.folder,
                                  input=text, capture_output=True, text=True, timeout=60)

        self.assertEqual(json.loads(query("--json", "-c", "SELECT 1 AS a").stdout), [{"a": 1}])
        self.assertEqual(query("--csv", text="SELECT 1 AS a; SELECT ';' AS b").stdout, "a\n1\nb\n;\n")
        self.assertEqual(query("--markdown", "SELECT 1 AS a, 'x|y' AS b").stdout,
                         "| a | b |\n| ---: | --- |\n| 1 | x\\|y |\n")
        failed = query(text="SELECT 1; SELECT nope; SELECT 2;")
        self.assertEqual(failed.returncode, 1)
        self.assertNotIn("2", failed.stdout.split("1", 1)[1])
        self.assertEqual(query("--csv", "--json", "SELECT 1").returncode, 2)
        self.assertEqual(query(";").returncode, 2)


if __name__ == "__main__":
    unittest.main()
