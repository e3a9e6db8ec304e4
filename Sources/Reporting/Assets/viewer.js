// Point clouds in WebGL: one canvas, a pane for each selected colouring, one shared camera.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("scans-data").textContent);
  const stage = $("stage"), canvas = $("points");
  const gl = canvas.getContext("webgl", { antialias: true, preserveDrawingBuffer: true });
  if (!gl) {
    const text = document.createElement("p");
    text.className = "message";
    text.textContent = "The scans require WebGL, which this browser does not support.";
    stage.append(text);
    return;
  }

  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const colourOf = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const palette = data.palette.map(colourOf);
  const none = [80, 80, 80], right = [104, 116, 132], wrong = [236, 64, 52];

  const scans = data.scans.map((scan) => {
    const labels = {};
    for (const [name, text] of scan.labels) labels[name] = bytes(text);
    return { ...scan, cells: new Uint16Array(bytes(scan.positions).buffer), labels, buffers: {} };
  });
  const sources = scans[0].labels ? data.scans[0].labels.map((entry) => entry[0]) : [];
  const modes = [...sources];
  if (sources.includes("truth")) {
    for (const source of sources) if (source !== "truth") modes.push("errors: " + source);
  }
  modes.push("height");

  // The colours of a scan's points in a mode.
  function colours(scan, mode) {
    const out = new Uint8Array(3 * scan.count);
    const put = (i, c) => { out[3 * i] = c[0]; out[3 * i + 1] = c[1]; out[3 * i + 2] = c[2]; };
    if (mode === "height") {
      const z = Array.from({ length: scan.count }, (_, i) => scan.cells[3 * i + 2]);
      const sorted = z.slice().sort((a, b) => a - b);
      const low = sorted[Math.floor(scan.count * 0.02)], high = sorted[Math.floor(scan.count * 0.98)];
      const stops = ["#440154", "#3e4a89", "#26828e", "#35b779", "#fde725"].map(colourOf);
      z.forEach((value, i) => {
        const t = Math.min(Math.max((value - low) / Math.max(high - low, 1), 0), 1) * 3.999;
        const k = Math.floor(t), f = t - k;
        put(i, stops[k].map((c, axis) => c + (stops[k + 1][axis] - c) * f));
      });
    } else if (mode.startsWith("errors: ")) {
      const said = scan.labels[mode.slice(8)], truth = scan.labels.truth;
      for (let i = 0; i < scan.count; i++) put(i, truth[i] === 255 ? none : said[i] === truth[i] ? right : wrong);
    } else {
      const labels = scan.labels[mode];
      for (let i = 0; i < scan.count; i++) put(i, palette[labels[i]] || none);
    }
    return out;
  }

  function compiled(kind, source) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    return shader;
  }
  const program = gl.createProgram();
  gl.attachShader(program, compiled(gl.VERTEX_SHADER, `
    attribute vec3 cell; attribute vec3 colour;
    uniform vec3 low; uniform float step; uniform mat4 camera; uniform float size;
    varying vec3 shown;
    void main() {
      gl_Position = camera * vec4(low + cell * step, 1.0);
      gl_PointSize = clamp(size / gl_Position.w, 1.6, 40.0);
      shown = colour;
    }`));
  gl.attachShader(program, compiled(gl.FRAGMENT_SHADER, `
    precision mediump float; varying vec3 shown;
    void main() {
      vec2 p = gl_PointCoord * 2.0 - 1.0;
      float r = dot(p, p);
      if (r > 1.0) discard;
      gl_FragColor = vec4(shown * (1.0 - 0.3 * r), 1.0);
    }`));
  gl.linkProgram(program);
  gl.useProgram(program);
  const at = (name) => gl.getUniformLocation(program, name);
  const places = { low: at("low"), step: at("step"), camera: at("camera"), size: at("size") };
  const cellAt = gl.getAttribLocation(program, "cell"), colourAt = gl.getAttribLocation(program, "colour");
  gl.enableVertexAttribArray(cellAt);
  gl.enableVertexAttribArray(colourAt);
  gl.enable(gl.DEPTH_TEST);
  gl.enable(gl.SCISSOR_TEST);

  function buffer(scan, name, make) {
    if (!scan.buffers[name]) {
      scan.buffers[name] = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, scan.buffers[name]);
      gl.bufferData(gl.ARRAY_BUFFER, make(), gl.STATIC_DRAW);
    }
    gl.bindBuffer(gl.ARRAY_BUFFER, scan.buffers[name]);
  }

  // The camera orbits a target; z is up.
  const view = { azimuth: -2.1, elevation: 0.62, distance: 60, target: [0, 0, 0] };
  let scan = scans[0];
  function reset() {
    const middle = [0, 1, 2].map((axis) => {
      const values = [];
      for (let i = 0; i < scan.count; i += Math.max(1, Math.floor(scan.count / 4000))) values.push(scan.cells[3 * i + axis]);
      values.sort((a, b) => a - b);
      const cut = Math.floor(values.length * 0.03);
      const [a, b] = [values[cut], values[values.length - 1 - cut]];
      return { centre: scan.low[axis] + scan.step * (a + b) / 2, half: scan.step * (b - a) / 2 };
    });
    view.target = middle.map((m) => m.centre);
    view.distance = Math.max(2, 1.55 * Math.hypot(middle[0].half, middle[1].half));
    view.azimuth = -2.1;
    view.elevation = 0.62;
    draw();
  }

  function axes() {
    const [sa, ca, se, ce] = [Math.sin(view.azimuth), Math.cos(view.azimuth), Math.sin(view.elevation), Math.cos(view.elevation)];
    return { towards: [ca * ce, sa * ce, se], right: [-sa, ca, 0], up: [-ca * se, -sa * se, ce] };
  }
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

  function matrix(aspect) {
    const { towards, right, up } = axes();
    const eye = view.target.map((t, i) => t + towards[i] * view.distance);
    const f = aspect < 1 ? 1.7 * aspect : 1.7, near = view.distance / 200, far = view.distance * 30;
    const rows = [
      [...right.map((x) => x * f / aspect), -dot(right, eye) * f / aspect],
      [...up.map((x) => x * f), -dot(up, eye) * f],
    ];
    const depth = [...towards.map((x) => -x), dot(towards, eye)];
    const a = (far + near) / (far - near), b = -2 * far * near / (far - near);
    rows.push(depth.map((x, i) => a * x + (i === 3 ? b : 0)), depth);
    const out = new Float32Array(16);
    for (let r = 0; r < 4; r++) for (let c = 0; c < 4; c++) out[4 * c + r] = rows[r][c];
    return out;
  }

  const wide = () => stage.clientWidth >= 640;
  const chosen = new Set(wide() ? modes.slice(0, 2) : modes.slice(0, 1));
  if (wide() && sources.includes("student")) { chosen.clear(); ["truth", "teacher", "student", "errors: student"].forEach((m) => modes.includes(m) && chosen.add(m)); }

  let queued = false;
  function draw() {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; paint(); });
  }
  function paint() {
    const panes = modes.filter((mode) => chosen.has(mode));
    const columns = wide() && panes.length > 1 ? 2 : 1, rows = Math.ceil(panes.length / columns);
    stage.style.height = wide() ? "" : `${Math.max(340, rows * 270)}px`;
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const [width, height] = [stage.clientWidth, stage.clientHeight];
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    stage.querySelectorAll(".name").forEach((e) => e.remove());
    panes.forEach((mode, i) => {
      const column = i % columns, row = Math.floor(i / columns);
      const last = i === panes.length - 1 && columns === 2 && column === 0;
      const [x0, x1] = [Math.round(canvas.width * column / columns), last ? canvas.width : Math.round(canvas.width * (column + 1) / columns)];
      const [y0, y1] = [Math.round(canvas.height * row / rows), Math.round(canvas.height * (row + 1) / rows)];
      const [w, h] = [x1 - x0 - (x1 < canvas.width ? 2 : 0), y1 - y0 - (y1 < canvas.height ? 2 : 0)];
      gl.viewport(x0, canvas.height - y0 - h, w, h);
      gl.scissor(x0, canvas.height - y0 - h, w, h);
      gl.clearColor(0.067, 0.078, 0.102, 1);
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
      buffer(scan, "cells", () => scan.cells);
      gl.vertexAttribPointer(cellAt, 3, gl.UNSIGNED_SHORT, false, 6, 0);
      buffer(scan, mode, () => colours(scan, mode));
      gl.vertexAttribPointer(colourAt, 3, gl.UNSIGNED_BYTE, true, 3, 0);
      gl.uniform3fv(places.low, scan.low);
      gl.uniform1f(places.step, scan.step);
      gl.uniformMatrix4fv(places.camera, false, matrix(w / h));
      gl.uniform1f(places.size, 0.12 * Number($("size").value) * h * 1.7);
      gl.drawArrays(gl.POINTS, 0, scan.count);
      const name = document.createElement("div");
      name.className = "name";
      name.textContent = mode;
      name.style.left = `${x0 / ratio + 10}px`;
      name.style.top = `${y0 / ratio + 10}px`;
      stage.append(name);
    });
  }

  // One pointer rotates, two pointers pan and zoom.
  const pointers = new Map();
  function shift(dx, dy) {
    const { right, up } = axes();
    const scale = view.distance / stage.clientHeight;
    view.target = view.target.map((t, i) => t - right[i] * dx * scale + up[i] * dy * scale);
  }
  canvas.addEventListener("pointerdown", (e) => { canvas.setPointerCapture(e.pointerId); pointers.set(e.pointerId, [e.clientX, e.clientY]); canvas.focus(); });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (e) => pointers.delete(e.pointerId));
  canvas.addEventListener("contextmenu", (e) => e.preventDefault());
  canvas.addEventListener("pointermove", (e) => {
    const before = pointers.get(e.pointerId);
    if (!before) return;
    const [dx, dy] = [e.clientX - before[0], e.clientY - before[1]];
    if (pointers.size === 2) {
      const other = [...pointers].find(([id]) => id !== e.pointerId)[1];
      const far = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]);
      view.distance *= Math.max(far(before), 1) / Math.max(far([e.clientX, e.clientY]), 1);
      shift(dx / 2, dy / 2);
    } else if (e.buttons & 2 || e.shiftKey) {
      shift(dx, dy);
    } else {
      view.azimuth -= dx * 0.008;
      view.elevation = Math.min(Math.max(view.elevation + dy * 0.008, -1.5), 1.55);
    }
    pointers.set(e.pointerId, [e.clientX, e.clientY]);
    draw();
  });
  canvas.addEventListener("wheel", (e) => {
    if (document.activeElement !== canvas) return;
    e.preventDefault();
    view.distance *= Math.exp(e.deltaY * 0.001);
    draw();
  }, { passive: false });
  canvas.addEventListener("keydown", (e) => {
    const steps = { ArrowLeft: [-0.08, 0], ArrowRight: [0.08, 0], ArrowUp: [0, 0.08], ArrowDown: [0, -0.08] };
    if (steps[e.key]) {
      view.azimuth += steps[e.key][0];
      view.elevation = Math.min(Math.max(view.elevation + steps[e.key][1], -1.5), 1.55);
    } else if (e.key === "+" || e.key === "-") view.distance *= e.key === "+" ? 0.9 : 1.1;
    else return;
    e.preventDefault();
    draw();
  });

  for (const [i, one] of scans.entries()) $("scan").append(new Option(one.name, i));
  $("scan").addEventListener("change", () => { scan = scans[$("scan").value]; reset(); });
  for (const mode of modes) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = mode;
    const mark = () => button.setAttribute("aria-pressed", chosen.has(mode));
    button.addEventListener("click", () => {
      if (!wide()) chosen.clear();
      if (!chosen.delete(mode)) chosen.add(mode);
      if (chosen.size === 0) chosen.add(mode);
      document.dispatchEvent(new Event("modes"));
      draw();
    });
    document.addEventListener("modes", mark);
    mark();
    $("modes").append(button);
  }
  $("size").addEventListener("input", draw);
  $("reset").addEventListener("click", reset);
  new ResizeObserver(draw).observe(stage);
  reset();
})();
