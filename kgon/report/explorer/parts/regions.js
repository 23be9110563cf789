// The region of every ordered pair, as a square of signs.

const SIGNS = {on: "on", rising: "↗", falling: "↘", off: "·"};
const SAID = {
  on: "active for all inputs", rising: "active for large inputs", falling: "active for small inputs",
  off: "never active",
};
let cells = [];

function buildCells(c) {
  const numbers = [...Array(c).keys()];
  cells = numbers.map(() => numbers.map(() => make("td")));
  byId("regions").replaceChildren(
    make("caption", {class: "unseen"}, "Region of every pair: input i by rows, output j by columns"),
    make("thead", {}, make("tr", {}, make("th", {scope: "col"}, make("span", {class: "axis"}, "i \\ j")),
      ...numbers.map(j => make("th", {scope: "col"}, String(j))))),
    make("tbody", {}, ...numbers.map(i => make("tr", {}, make("th", {scope: "row"}, String(i)), ...cells[i]))),
  );
}

views.push(({model}) => {
  if (cells.length !== model.c) buildCells(model.c);
  regionsOf(state.point).forEach((row, i) => row.forEach((region, j) => {
    const cell = cells[i][j];
    cell.textContent = SIGNS[region];
    cell.className = `${region}${i === chosen || j === chosen ? " lit" : ""}`;
    cell.title = `input ${i} to output ${j}: ${region}, ${SAID[region]}`;
  }));
});
