"use strict";

// textual.js draws the terminal in #terminal and starts in window.onload. This script makes the figures as large as the
// screen allows, waits for the fonts, turns fingers into a mouse, and comes back when the program has ended.
(() => {
  const CELLS = { seat: [80, 24], hall: [100, 30] };
  const CELL_EM = [0.602, 1.34];
  const FIRST_WAIT = 1000;
  const LONGEST_WAIT = 10000;
  const STEADY = 20000;
  const LOOK_EVERY = 3000;
  const MOST_MISSED = 2;
  const CALM = 2000;
  const TRIES = "pingyi-tries";
  const start = window.onload;

  const fontSize = (role) => {
    const [columns, rows] = CELLS[role];
    const [wide, high] = CELL_EM;
    return Math.max(8, Math.floor(Math.min(window.innerWidth / (columns * wide), window.innerHeight / (rows * high))));
  };

  // textual.js takes the size of the figures once. The hall types nothing once its card is read, so it may load itself
  // again when hands and window rest; a seat's entry would be lost, and it has more or fewer columns instead
  const followWindow = (role, size) => {
    let rest = 0;
    const wait = () => {
      clearTimeout(rest);
      rest = setTimeout(rested, CALM);
    };
    const rested = async () => {
      rest = 0;
      if (fontSize(role) === size) return;
      try {
        await fetch("./", { signal: AbortSignal.timeout(LOOK_EVERY) });
        window.location.reload();
      } catch {
        wait();
      }
    };
    window.addEventListener("resize", wait);
    window.addEventListener("keydown", () => { if (rest) wait(); }, true);
  };

  const say = (notice, key) => {
    notice.querySelector(".said").textContent = notice.dataset[key];
  };

  const focus = () => {
    const keys = document.querySelector(".xterm-helper-textarea");
    if (keys) {
      // a touch screen's own keyboard would cover half of the seat
      keys.setAttribute("inputmode", "none");
      keys.focus({ preventScroll: true });
    }
  };

  // F5 is a key of the seat, not "load again"; F11 stays the browser's, and would else go to the terminal
  const takeKeys = () => {
    const take = (event) => {
      if (event.key === "F11") event.stopImmediatePropagation();
      else if (/^F\d+$/.test(event.key)) event.preventDefault();
    };
    window.addEventListener("keydown", take, true);
  };

  // xterm.js reports a mouse, and browsers make none of a finger that moves
  const takeFingers = (terminal) => {
    const mouse = { pointerdown: "mousedown", pointermove: "mousemove", pointerup: "mouseup" };
    let finger = null;
    const press = (event) => {
      if (event.pointerType !== "touch" || (finger === null) !== (event.type === "pointerdown")) return;
      if (finger !== null && event.pointerId !== finger) return;
      const target = terminal.querySelector(".xterm-screen");
      const held = event.type !== "pointerup";
      finger = held ? event.pointerId : null;
      target.dispatchEvent(
        new MouseEvent(mouse[event.type], {
          bubbles: true,
          cancelable: true,
          view: window,
          clientX: event.clientX,
          clientY: event.clientY,
          button: 0,
          buttons: held ? 1 : 0,
        }),
      );
    };
    for (const type of Object.keys(mouse)) terminal.addEventListener(type, press);
    terminal.addEventListener("pointercancel", () => { finger = null; });
    // else the browser would press once more of its own
    terminal.addEventListener("touchend", (event) => event.preventDefault(), { passive: false });
  };

  // a WebSocket over a cut cable says nothing, and the wall would stand still
  const watch = (body) => {
    let missed = 0;
    setInterval(async () => {
      try {
        await fetch("./", { signal: AbortSignal.timeout(LOOK_EVERY) });
        missed = 0;
      } catch {
        missed += 1;
        if (missed === MOST_MISSED) body.classList.add("-closed");
      }
    }, LOOK_EVERY);
  };

  const comeBack = (notice) => {
    const tries = Number(sessionStorage.getItem(TRIES) || 0);
    sessionStorage.setItem(TRIES, String(tries + 1));
    say(notice, "reconnecting");
    const look = async () => {
      try {
        await fetch("./", { signal: AbortSignal.timeout(LOOK_EVERY) });
        window.location.reload();
      } catch {
        setTimeout(look, LOOK_EVERY);
      }
    };
    setTimeout(look, Math.min(FIRST_WAIT * 2 ** tries, LONGEST_WAIT));
  };

  window.onload = async (event) => {
    const { body } = document;
    // textual.js would ask whatever address stands behind the question mark
    window.history.replaceState(null, "", window.location.pathname);
    const terminal = document.querySelector("#terminal");
    const notice = document.querySelector("#notice");
    const size = fontSize(body.dataset.role);
    terminal.dataset.fontSize = String(size);
    if (body.dataset.role === "hall") followWindow("hall", size);
    terminal.dataset.sessionWebsocketUrl = `ws://${window.location.host}/ws`;
    // what is drawn before a font is there stays as it was drawn
    await Promise.allSettled(["400", "700"].map((weight) => document.fonts.load(`${weight} 16px "Roboto Mono"`, "A评")));
    let drawn = false;
    let closed = false;
    new MutationObserver(() => {
      if (!drawn && body.classList.contains("-first-byte")) {
        drawn = true;
        focus();
        watch(body);
        setTimeout(() => sessionStorage.removeItem(TRIES), STEADY);
      }
      if (!closed && body.classList.contains("-closed")) {
        closed = true;
        comeBack(notice);
      }
    }).observe(body, { attributes: true, attributeFilter: ["class"] });
    try {
      start.call(window, event);
    } catch (fault) {
      body.classList.add("-cannot-draw");
      say(notice, "cannotDraw");
      throw fault;
    }
    takeKeys();
    takeFingers(terminal);
    window.addEventListener("focus", focus);
    document.addEventListener("pointerup", focus);
    document.addEventListener("contextmenu", (menu) => menu.preventDefault());
  };
})();
