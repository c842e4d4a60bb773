// Whether a number has the form that its field has in the jurisdiction, as far as a browser knows it (places/numbers.py, shape_of).
export const fits = (value, { shape, apart }) =>
  !shape || new RegExp(`^(?:${shape})$`).test(value.replace(new RegExp(apart, "g"), ""));
