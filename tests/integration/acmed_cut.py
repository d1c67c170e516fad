# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""acmed_cut.py WHO FIRST STEP MOST -- COMMAND...: capcert-acmed (COMMAND), or one process of it, is killed before every STEPth of its
system calls that write, from the FIRSTth on, at most MOST times (0: they are listed), while it orders the certificate www from pebble; acmed_cut does that. After each
time it goes on, and then: one certificate was issued, it is in the slot, no order was placed twice, nothing is left published.

WHO: daemon: all its processes at once, as by a power cut, during a renewal; new: the same, with a state folder that is empty
each time, so that registration and the first commits are among the steps; else one of them, as acmed_cut names it.
Environment: DIR, the script's folder; BUILD; WWW, a folder that has to be empty when nothing is published, or nothing."""
import glob, json, os, select, signal, socket, sqlite3, subprocess, sys, time

WHO, FIRST, STEP, MOST = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
COMMAND = sys.argv[6:]
DIR, BUILD, WWW = os.environ["DIR"], os.environ["BUILD"], os.environ.get("WWW")
LOG, PEBBLE, STATE = (os.path.join(DIR, name) for name in ("acmed.log", "pebble.log", "state"))
PATIENCE = 180  # seconds that no machine needs
WANTED = 1  # enum state_phase

wrong = []


def say(text):
    print(text, flush=True)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def counts():
    """Orders, certificates, authorizations that came to nothing, as the CA has them."""
    log = read(PEBBLE)
    return log.count(b"POST /order-plz"), log.count(b"Issued certificate serial"), log.count(b"set INVALID by")


def slot():
    """The leaf in the slot; None."""
    r = subprocess.run([BUILD + "/bin/capcert", "slot", "get", "tls", "web/www", "--json"], capture_output=True, check=False)
    return json.loads(r.stdout)["leaf"] if r.returncode == 0 else None


def table(sql):
    """What is on the disk; a journal that was left is rolled back first, in a copy."""
    copy = os.path.join(DIR, "copy")
    for path in glob.glob(os.path.join(STATE, "acme.db*")):
        with open(copy + os.path.basename(path)[len("acme.db"):], "wb") as f:
            f.write(read(path))
    try:
        db = sqlite3.connect(copy)
        rows = db.execute(sql).fetchall()
        db.close()
    except sqlite3.OperationalError:  # no tables yet
        rows = []
    for path in glob.glob(copy + "*"):
        os.unlink(path)
    return rows


class Daemon:
    def __init__(self, order=None):
        """ORDER: the first line to acmed_cut; None: without it."""
        self.log = os.path.getsize(LOG)
        self.cut = None
        self.calls = []
        self.traced = order is not None
        self.text = b""
        tracer = [os.path.join(BUILD, "tests", "integration", "acmed_cut")] if self.traced else []
        with open(LOG, "ab") as log:
            self.p = subprocess.Popen(tracer + COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        if self.traced:
            self.tell(order)

    def tell(self, order):
        """Counts from here on."""
        self.cut, self.armed = None, False
        self.p.stdin.write((order + "\n").encode())
        self.p.stdin.flush()
        self.wait(lambda: self.armed)
        self.calls = []

    def ended(self):
        return self.p.poll() is not None

    def said(self, text):
        return text in read(LOG)[self.log:]

    def wait(self, what):
        """Until WHAT() is true, the cut was made, or the daemon ended."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if select.select([self.p.stdout], [], [], 0.02)[0]:
                self.text += os.read(self.p.stdout.fileno(), 65536)
                *lines, self.text = self.text.split(b"\n")
                for line in lines:
                    self.armed |= line == b"armed"
                    if line.startswith(b"cut "):
                        self.cut = line.decode()
                    if line.startswith(b"at "):
                        self.calls.append(line.decode())
            if self.cut or self.ended() or what():
                return
        raise SystemExit("it took too long; at " + str(self.status()))

    def ask(self, **question):
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(PATIENCE)
                s.connect(DIR + "/control")
                s.sendall(json.dumps(question).encode() + b"\n")
                return json.loads(s.makefile().readline())
        except (OSError, ValueError):
            return None

    def status(self):
        answer = self.ask(do="status", name="www")
        return answer["certificates"][0] if answer else None

    def rests(self):
        """Is nothing done, and everything said?"""
        s = self.status()
        return s and s["state"] in ("idle", "waiting") and not s["trouble"] and s

    def done(self):
        """To the end of what was begun. Return: how often it had to be told to try again at once."""
        for again in range(5):
            self.cut = None
            self.wait(self.rests)
            s = self.rests()
            if s and s["state"] == "idle":
                return again
            if self.ended() or not self.ask(do="renew", name="www"):
                break
        raise SystemExit("it does not go on: " + read(LOG)[self.log:].decode()[-500:])

    def stop(self):
        if not self.ended():
            os.kill(self.starter(), signal.SIGTERM)
        self.p.wait(PATIENCE)
        self.p.stdout.close()

    def starter(self):
        if not self.traced:
            return self.p.pid
        return int(read(f"/proc/{self.p.pid}/task/{self.p.pid}/children").split()[0])


def nobody_listens():
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", 5003)) != 0


def nothing_published():
    """Solvers are told, and end, after the job's end."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if not (os.listdir(WWW) if WWW else not nobody_listens()) and not table("SELECT * FROM published"):
            return True
        time.sleep(0.05)
    return False


def check(d, before, leaf, unheard, again):
    """Return: the leaf that is in the slot now."""
    orders, issued, invalid = (a - b for a, b in zip(counts(), before))
    new = slot()
    # What somebody asked for is nobody's any more if the daemon ended before it was written down.
    lost = WHO in ("daemon", "starter", "keeper") and orders == issued == 0 and new == leaf
    faults = []
    # An order that the CA has ended, for want of an answer to a challenge, is the one reason for another.
    if not lost and (issued != 1 or not 1 <= orders <= 1 + invalid):
        faults.append(f"{orders} orders, {issued} certificates")
    if not lost and (new is None or new == leaf):
        faults.append("not in the slot")
    if not nothing_published():
        faults.append("something is left published")
    say(f"{d.cut}: {orders} orders, {issued} certificates, {invalid} invalid, told {again} times"
        f"{', unheard' if unheard else ''}{', lost' if lost else ''}{': WRONG: ' if faults else ''}{'; '.join(faults)}")
    if faults:
        wrong.append(d.cut)
    return new


def unheard_of(before):
    """Has the CA an order of which the daemon, which is dead, does not know?"""
    return counts()[0] > before[0] and table("SELECT phase FROM certificate") == [(WANTED,)]


def once(d, n, leaf):
    """One cut at call N of what runs, or begins. Return: daemon that goes on, leaf in the slot, order unheard of, was there a cut?;
    None: no call N."""
    before = counts()
    if WHO == "new":
        for path in glob.glob(os.path.join(STATE, "*")):
            os.unlink(path)
        d = Daemon(f"daemon {n if MOST else 0}")
    else:
        d.log = os.path.getsize(LOG)
        d.tell(f"{WHO} {n if MOST else 0}")
        d.ask(do="renew", name="www")
    d.wait(lambda: d.said(b": www: "))
    for line in d.calls if not MOST else ():
        say(line)
    if not d.cut and d.said(b"www: a new certificate is in slot"):
        d.stop()
        return None
    if not d.cut:  # a CA on a machine that is too busy for it gives up
        d.tell("starter 0")
        d.done()
        if WHO == "new":
            d.stop()
        return d, slot(), False, False
    cut, unheard = d.cut, False
    if WHO in ("new", "daemon", "starter", "keeper"):
        d.p.wait(PATIENCE)
        d.p.stdout.close()
        unheard = unheard_of(before)
        d = Daemon("starter 0")
    again = d.done()
    d.cut = cut
    leaf = check(d, before, leaf, unheard, again)
    if WHO == "new":
        d.stop()
    return d, leaf, unheard, True


n, cuts, unheard = FIRST, 0, 0
daemon, leaf = None, slot()
if WHO != "new":
    daemon = Daemon("starter 0")
    daemon.done()
    leaf = slot()
while (not MOST or cuts < MOST) and (result := once(daemon, n, leaf)):
    daemon, leaf, one, cut = result
    unheard += one
    cuts += cut
    n += STEP * cut
else:
    if cuts == MOST and WHO != "new":
        daemon.stop()
say(f"{WHO}: {cuts} cuts, before call {n}; {unheard} orders unheard of; {len(wrong)} wrong {' '.join(wrong[:3])}")
sys.exit(bool(wrong or not cuts))
