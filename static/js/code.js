// Shows eight digits as 1234-5678 while they are typed or pasted. The server takes both forms.
const HALF = 4; // digits before the dash
const LENGTH = 8;

for (const input of document.querySelectorAll(".field--code input")) {
  input.addEventListener("input", (event) => {
    // Somebody who mends the middle of a code must not have the cursor moved.
    const isAtEnd = input.selectionStart === input.value.length;
    if (!isAtEnd || event.inputType?.startsWith("delete")) return;
    const digits = input.value.replace(/[\s\u2010-\u2015-]/g, "");
    // Printed recovery codes have letters, app codes are shorter: left as they are.
    if (!/^\d+$/.test(digits) || digits.length <= HALF || digits.length > LENGTH) return;
    if (input.maxLength > -1 && input.maxLength <= LENGTH) return;
    input.value = `${digits.slice(0, HALF)}-${digits.slice(HALF)}`;
  });
}
