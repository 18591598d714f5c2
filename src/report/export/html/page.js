"use strict";
for (const chart of document.querySelectorAll(".chart")) {
  const plot = chart.querySelector(".plot");
  const tip = chart.querySelector(".tip");
  const shown = () => [...plot.querySelectorAll(".series:not(.off) [data-told]")];
  let current = null;

  const hide = () => {
    if (current) current.classList.remove("on");
    current = null;
    tip.classList.remove("shown");
    tip.textContent = "";
  };
  const show = (value) => {
    if (value === current) return;
    hide();
    if (!value) return;
    current = value;
    value.classList.add("on");
    const name = value.closest(".series").dataset.name;
    tip.textContent = name ? name + ", " + value.dataset.told : value.dataset.told;
    tip.style.left = "0px";
    const [of, at] = [plot.getBoundingClientRect(), value.getBoundingClientRect()];
    const x = at.left - of.left + at.width / 2 - tip.offsetWidth / 2;
    const y = at.top - of.top - tip.offsetHeight - 8;
    tip.style.left = Math.max(0, Math.min(of.width - tip.offsetWidth, x)) + "px";
    tip.style.top = (y > -24 ? y : at.bottom - of.top + 8) + "px";
    tip.classList.add("shown");
  };
  const nearest = (event) => {
    const far = (value) => {
      const at = value.getBoundingClientRect();
      return Math.hypot(at.left + at.width / 2 - event.clientX, at.top + at.height / 2 - event.clientY);
    };
    let [best, least] = [null, 48];
    for (const value of shown()) {
      const away = far(value);
      if (least > away) [best, least] = [value, away];
    }
    return best;
  };
  const step = (by) => {
    const values = shown();
    if (values.length === 0) return;
    const at = values.indexOf(current);
    show(values[at === -1 ? (by > 0 ? 0 : values.length - 1) : (at + by + values.length) % values.length]);
  };
  /* The same place in the next series. */
  const change = (by) => {
    const all = [...plot.querySelectorAll(".series:not(.off)")].filter((one) => one.querySelector("[data-told]"));
    if (!current || all.length === 0) return step(by);
    const own = current.closest(".series");
    const at = [...own.querySelectorAll("[data-told]")].indexOf(current);
    const values = all[(all.indexOf(own) + by + all.length) % all.length].querySelectorAll("[data-told]");
    show(values[Math.min(at, values.length - 1)]);
  };

  plot.addEventListener("pointermove", (event) => show(nearest(event)));
  plot.addEventListener("pointerdown", (event) => show(nearest(event)));
  plot.addEventListener("pointerleave", hide);
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", (event) => {
    const keys = { ArrowRight: () => step(1), ArrowLeft: () => step(-1), ArrowDown: () => change(1), ArrowUp: () => change(-1), Escape: hide };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  for (const button of chart.querySelectorAll(".legend button")) {
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      hide();
      for (const series of plot.querySelectorAll('[data-series="' + button.dataset.series + '"]')) series.classList.toggle("off", !on);
    });
  }
}
