import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { clientKey, clientOf } from './client';
import { socketBridge } from './socketBridge';
import './styles/tokens.css';
import './styles/base.css';

// The desktop's preload provides a bridge. A browser has none, and its page's address is the server's.
const bridge = window.workbench ?? socketBridge(document.baseURI);
createApp(App).provide(clientKey, clientOf(bridge)).use(createPinia()).mount('#app');
