const quote = document.querySelector('#quote');
quote.textContent = 'From 42 EUR';
