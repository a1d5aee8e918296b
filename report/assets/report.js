// Opens the folded part that a link points into, and every folded part for the printer.
function reveal() {
  var e = location.hash && document.getElementById(location.hash.slice(1));
  for (var p = e; p; p = p.parentElement) if (p.tagName === "DETAILS") p.open = true;
  if (e && e.tagName === "DETAILS") e.scrollIntoView();
}
addEventListener("hashchange", reveal);
addEventListener("beforeprint", function () {
  document.querySelectorAll("details.print").forEach(function (d) { d.open = true; });
});
reveal();
